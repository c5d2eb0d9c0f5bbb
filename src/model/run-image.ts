// What the config of an image says about how it runs (image-spec, config.md, "config"; Healthcheck is docker's).
export interface Healthcheck {
  /** `CMD` and arguments are run as they are, `CMD-SHELL` and a text by the image's shell. */
  readonly test: readonly ['CMD', ...string[]] | readonly ['CMD-SHELL', string];
  /** Milliseconds, 1 to 2^31 - 1. */
  readonly interval: number;
  readonly timeout: number;
  /** May be 0. */
  readonly startPeriod: number;
  readonly startInterval: number;
  /** Failures in a row that make it unhealthy. */
  readonly retries: number;
}

export interface RunImage {
  /** '' when the config does not say. */
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly created?: string;
  readonly author?: string;
  readonly user: string;
  /** `NAME=value`; a NAME alone takes the variable away that would be there by default. */
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** Absolute, or ''. */
  readonly workingDir: string;
  /** Absolute paths, none of them the root. */
  readonly volumes: readonly string[];
  /** Such as `8080/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
  readonly healthcheck?: Healthcheck;
  /** Runs the texts of `CMD-SHELL`. */
  readonly shell: readonly string[];
  /** What is passed over or taken otherwise than it stands there, one printable sentence each. */
  readonly oddities: readonly string[];
}
