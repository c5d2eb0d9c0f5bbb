// Which system calls a container may make, by what they do: those that need no trust, those that come with a capability, and those that are
// refused to all. Names that an older libseccomp or another architecture does not know are passed over by the runtimes.

const list = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Open to every container: the kernel checks rights itself, and what they act on is the caller's own or in its namespaces. */
export const openSyscalls: readonly string[] = list(`
  ${/* Files and folders. */ ''}
  access faccessat faccessat2 open openat openat2 creat close close_range
  read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek _llseek readahead fadvise64 fadvise64_64 arm_fadvise64_64
  stat stat64 lstat lstat64 fstat fstat64 fstatat64 newfstatat statx statfs statfs64 fstatfs fstatfs64 getdents getdents64
  getcwd chdir fchdir mkdir mkdirat mknod mknodat rmdir link linkat symlink symlinkat unlink unlinkat rename renameat renameat2 readlink readlinkat
  chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 fchownat lchown lchown32 umask
  truncate truncate64 ftruncate ftruncate64 fallocate sync syncfs fsync fdatasync sync_file_range sync_file_range2 arm_sync_file_range
  copy_file_range sendfile sendfile64 splice tee vmsplice
  getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat listxattr llistxattr flistxattr listxattrat
  removexattr lremovexattr fremovexattr removexattrat file_getattr file_setattr
  utime utimes utimensat utimensat_time64 futimesat
  inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark
  dup dup2 dup3 pipe pipe2 fcntl fcntl64 flock ioctl statmount listmount

  ${/* Memory. */ ''}
  brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock mlock2 mlockall munlock munlockall remap_file_pages mseal
  pkey_alloc pkey_free pkey_mprotect memfd_create memfd_secret membarrier cachestat map_shadow_stack

  ${/* Processes, threads and their scheduling. */ ''}
  fork vfork execve execveat exit exit_group wait4 waitid waitpid
  getpid getppid gettid getpgid getpgrp setpgid getsid setsid set_tid_address set_robust_list get_robust_list rseq restart_syscall
  futex futex_time64 futex_wait futex_wake futex_requeue futex_waitv
  prctl arch_prctl modify_ldt set_thread_area get_thread_area getcpu getpriority setpriority ioprio_get ioprio_set
  getrlimit ugetrlimit setrlimit prlimit64 getrusage times
  sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam sched_getscheduler sched_setscheduler
  sched_get_priority_max sched_get_priority_min sched_rr_get_interval sched_rr_get_interval_time64
  pidfd_open pidfd_send_signal process_mrelease ptrace

  ${/* Who the caller is, and what it gives up. */ ''}
  getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid getresgid32 getgroups getgroups32
  setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 setresuid setresuid32 setresgid setresgid32
  setfsuid setfsuid32 setfsgid setfsgid32 setgroups setgroups32 capget capset seccomp
  landlock_create_ruleset landlock_add_rule landlock_restrict_self lsm_get_self_attr lsm_list_modules

  ${/* Signals. */ ''}
  kill tkill tgkill pause sigaltstack sigprocmask sigreturn rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
  rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo signalfd signalfd4 uprobe uretprobe

  ${/* Time; clocks are set only with CAP_SYS_TIME, which adjtimex checks itself. */ ''}
  time gettimeofday clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 nanosleep
  adjtimex clock_adjtime clock_adjtime64 alarm getitimer setitimer
  timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64
  timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64

  ${/* Waiting for many things. */ ''}
  select _newselect pselect6 pselect6_time64 poll ppoll ppoll_time64 eventfd eventfd2
  epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2
  io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64

  ${/* Sockets, but for making one, and messages between processes. */ ''}
  socketcall socketpair bind listen accept accept4 connect shutdown getsockname getpeername getsockopt setsockopt
  send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64
  ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget
  mq_open mq_unlink mq_notify mq_getsetattr mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64

  ${/* The machine, and calls of single architectures. */ ''}
  uname sysinfo getrandom breakpoint cacheflush set_tls riscv_flush_icache riscv_hwprobe s390_runtime_instr s390_sthyi swapcontext
`);

/** Open with a capability, and refused without it. */
export const syscallsOf: Readonly<Record<string, readonly string[]>> = {
  CAP_SYS_ADMIN: list(`
    mount umount umount2 mount_setattr move_mount open_tree open_tree_attr fsopen fsconfig fsmount fspick setns unshare sethostname setdomainname
    bpf perf_event_open fanotify_init quotactl quotactl_fd lookup_dcookie name_to_handle_at syslog`),
  CAP_BPF: ['bpf'],
  CAP_PERFMON: ['perf_event_open'],
  CAP_SYSLOG: ['syslog'],
  CAP_DAC_READ_SEARCH: list('name_to_handle_at open_by_handle_at'),
  CAP_SYS_BOOT: ['reboot'],
  CAP_SYS_CHROOT: ['chroot'],
  CAP_SYS_MODULE: list('init_module finit_module delete_module'),
  CAP_SYS_NICE: list('get_mempolicy set_mempolicy set_mempolicy_home_node mbind'),
  CAP_SYS_PACCT: ['acct'],
  CAP_SYS_PTRACE: list('kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev'),
  CAP_SYS_RAWIO: list('iopl ioperm'),
  CAP_SYS_TIME: list('settimeofday stime clock_settime clock_settime64'),
  CAP_SYS_TTY_CONFIG: ['vhangup'],
};

/** Refused whatever the capabilities: another kernel, keyrings that no namespace divides, the pages of others, and what is long dead. */
export const refusedSyscalls: readonly string[] = list(`
  kexec_load kexec_file_load add_key request_key keyctl userfaultfd swapon swapoff pivot_root move_pages migrate_pages
  nfsservctl uselib ustat sysfs _sysctl create_module get_kernel_syms query_module vm86 vm86old s390_pci_mmio_read s390_pci_mmio_write pciconfig_read
  pciconfig_write pciconfig_iobase
`);
