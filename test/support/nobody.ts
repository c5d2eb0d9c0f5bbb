// Root may do everything, so what others are refused is tried with another effective user.

const nobody = 65534;

/** Runs the work without root's powers. What it needs must be open to everybody. */
export async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid!() !== 0) return work();
  process.setegid!(nobody);
  process.seteuid!(nobody);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
    process.setegid!(0);
  }
}
