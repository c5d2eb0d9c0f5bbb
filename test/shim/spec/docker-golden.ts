// The configuration that dockerd 20.10 generated for `docker run -d --name kuard --publish 127.0.0.1:8080:8080 --memory 200m --memory-swap 1G
// --cpu-shares 1024 IMAGE`: what ours is compared with.

/** The image of that container, as its config says it. */
export const goldenImage = {
  User: 'app',
  Env: ['PATH=/bin:/usr/bin', 'GREETING=hi', 'LEVEL=debug'],
  Entrypoint: ['/srv/start.sh'],
  Cmd: ['one', 'two words'],
  WorkingDir: '/srv',
  Volumes: { '/data': {} },
};
export const goldenPasswd = 'root:x:0:0:root:/root:/bin/sh\napp:x:1234:2345:the app:/srv:/bin/sh\n';
export const goldenGroup = 'root:x:0:\nwheel:x:10:other\napp:x:2345:\nextra:x:3456:app\nstaff:x:10:other,app\n';

/** Allowed without conditions in its filter. */
export const goldenSyscalls = `
  accept accept4 access adjtimex alarm bind brk capget capset chdir chmod chown chown32 clock_adjtime clock_adjtime64 clock_getres
  clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 close close_range connect copy_file_range creat dup
  dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve
  execveat exit exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchown fchown32 fchownat
  fcntl fcntl64 fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate
  ftruncate64 futex futex_time64 futex_waitv futimesat getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid getgid32
  getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32
  getrlimit get_robust_list getrusage getsid getsockname getsockopt get_thread_area gettid gettimeofday getuid getuid32 getxattr
  inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel ioctl io_destroy io_getevents io_pgetevents io_pgetevents_time64
  ioprio_get ioprio_set io_setup io_submit io_uring_enter io_uring_register io_uring_setup ipc kill landlock_add_rule landlock_create_ruleset
  landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listxattr llistxattr _llseek lremovexattr lseek lsetxattr lstat lstat64
  madvise membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 mprotect mq_getsetattr
  mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink mremap msgctl msgget msgrcv msgsnd msync
  munlock munlockall munmap nanosleep newfstatat _newselect open openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2 poll ppoll
  ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_mrelease pselect6 pselect6_time64 pwrite64 pwritev pwritev2 read readahead
  readlink readlinkat readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg remap_file_pages removexattr rename renameat renameat2
  restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
  rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_getaffinity sched_getattr sched_getparam sched_get_priority_max sched_get_priority_min
  sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler
  sched_yield seccomp select semctl semget semop semtimedop semtimedop_time64 send sendfile sendfile64 sendmmsg sendmsg sendto setfsgid
  setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setitimer setpgid setpriority setregid setregid32 setresgid setresgid32
  setresuid setresuid32 setreuid setreuid32 setrlimit set_robust_list setsid setsockopt set_thread_area set_tid_address setuid setuid32
  setxattr shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 sigprocmask sigreturn socket socketcall socketpair splice stat
  stat64 statfs statfs64 statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete
  timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64
  timerfd_settime timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink unlinkat utime utimensat utimensat_time64
  utimes vfork vmsplice wait4 waitid waitpid write writev
`
  .trim()
  .split(/\s+/);

/** Allowed with conditions, or by what docker knows of the kernel, the architecture and the capabilities. */
export const goldenConditional = [
  'ptrace',
  'personality',
  'personality',
  'personality',
  'personality',
  'personality',
  'arch_prctl',
  'modify_ldt',
  'clone',
  'clone3',
  'chroot',
];

export const golden = {
  ociVersion: '1.0.2-dev',
  process: {
    user: {
      uid: 1234,
      gid: 2345,
      additionalGids: [2345, 3456, 10],
    },
    args: ['/srv/start.sh', 'one', 'two words'],
    env: ['PATH=/bin:/usr/bin', 'HOSTNAME=6e6a65a8ee27', 'GREETING=hi', 'LEVEL=debug'],
    cwd: '/srv',
    capabilities: {
      bounding: [
        'CAP_CHOWN',
        'CAP_DAC_OVERRIDE',
        'CAP_FSETID',
        'CAP_FOWNER',
        'CAP_MKNOD',
        'CAP_NET_RAW',
        'CAP_SETGID',
        'CAP_SETUID',
        'CAP_SETFCAP',
        'CAP_SETPCAP',
        'CAP_NET_BIND_SERVICE',
        'CAP_SYS_CHROOT',
        'CAP_KILL',
        'CAP_AUDIT_WRITE',
      ],
    },
    oomScoreAdj: 0,
  },
  root: {
    path: '/var/lib/docker/overlay2/cede690f18566cf815e8efc5be25fa90903e17791f111389810281264d36365d/merged',
  },
  hostname: '6e6a65a8ee27',
  mounts: [
    {
      destination: '/proc',
      type: 'proc',
      source: 'proc',
      options: ['nosuid', 'noexec', 'nodev'],
    },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    {
      destination: '/sys',
      type: 'sysfs',
      source: 'sysfs',
      options: ['nosuid', 'noexec', 'nodev', 'ro'],
    },
    {
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: ['ro', 'nosuid', 'noexec', 'nodev'],
    },
    {
      destination: '/dev/mqueue',
      type: 'mqueue',
      source: 'mqueue',
      options: ['nosuid', 'noexec', 'nodev'],
    },
    {
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=67108864'],
    },
    {
      destination: '/data',
      type: 'bind',
      source: '/var/lib/docker/volumes/e2a53b4b3ac22910cc6e3500a397b47d1a9ca6bdc01e3696678aa41d6bf83562/_data',
      options: ['rbind'],
    },
    {
      destination: '/etc/resolv.conf',
      type: 'bind',
      source: '/var/lib/docker/containers/6e6a65a8ee27b9816acea82ec5b8eb848398b39cfb451fc02e7cbccd6fe54ccf/resolv.conf',
      options: ['rbind', 'rprivate'],
    },
    {
      destination: '/etc/hostname',
      type: 'bind',
      source: '/var/lib/docker/containers/6e6a65a8ee27b9816acea82ec5b8eb848398b39cfb451fc02e7cbccd6fe54ccf/hostname',
      options: ['rbind', 'rprivate'],
    },
    {
      destination: '/etc/hosts',
      type: 'bind',
      source: '/var/lib/docker/containers/6e6a65a8ee27b9816acea82ec5b8eb848398b39cfb451fc02e7cbccd6fe54ccf/hosts',
      options: ['rbind', 'rprivate'],
    },
  ],
  hooks: {
    prestart: [
      {
        path: '/usr/bin/dockerd',
        args: ['libnetwork-setkey', '-exec-root=/var/run/docker', '6e6a65a8ee27b9816acea82ec5b8eb848398b39cfb451fc02e7cbccd6fe54ccf', '99048fd43156'],
      },
    ],
  },
  linux: {
    sysctl: {
      'net.ipv4.ip_unprivileged_port_start': '0',
      'net.ipv4.ping_group_range': '0 2147483647',
    },
    resources: {
      devices: [
        {
          allow: false,
          access: 'rwm',
        },
        {
          allow: true,
          type: 'c',
          major: 1,
          minor: 5,
          access: 'rwm',
        },
        {
          allow: true,
          type: 'c',
          major: 1,
          minor: 3,
          access: 'rwm',
        },
        {
          allow: true,
          type: 'c',
          major: 1,
          minor: 9,
          access: 'rwm',
        },
        {
          allow: true,
          type: 'c',
          major: 1,
          minor: 8,
          access: 'rwm',
        },
        {
          allow: true,
          type: 'c',
          major: 5,
          minor: 0,
          access: 'rwm',
        },
        {
          allow: true,
          type: 'c',
          major: 5,
          minor: 1,
          access: 'rwm',
        },
        {
          allow: false,
          type: 'c',
          major: 10,
          minor: 229,
          access: 'rwm',
        },
      ],
      memory: {
        limit: 209715200,
        swap: 1073741824,
        disableOOMKiller: false,
      },
      cpu: {
        shares: 1024,
      },
      blockIO: {
        weight: 0,
      },
    },
    cgroupsPath: '/docker/6e6a65a8ee27b9816acea82ec5b8eb848398b39cfb451fc02e7cbccd6fe54ccf',
    namespaces: [
      {
        type: 'mount',
      },
      {
        type: 'network',
      },
      {
        type: 'uts',
      },
      {
        type: 'pid',
      },
      {
        type: 'ipc',
      },
    ],
    seccomp: {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    },
    maskedPaths: [
      '/proc/asound',
      '/proc/acpi',
      '/proc/kcore',
      '/proc/keys',
      '/proc/latency_stats',
      '/proc/timer_list',
      '/proc/timer_stats',
      '/proc/sched_debug',
      '/proc/scsi',
      '/sys/firmware',
    ],
    readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
  },
};
