/**
The outside world as types: every port that an adapter implements and the simulator implements too.

Nothing here runs. Three conventions hold for all ports:
- An expected failure is a value (`Outcome`), never an exception; a port throws only for a bug.
- Every call ends by itself: the adapter owns a deadline, so a hung engine or disk cannot hold a caller.
- Text that came from outside is `SafeText` as soon as it leaves an adapter, except where the name says `raw`.
*/

import type {Runbook} from './runbook.ts';
import type {Verification} from './run-verdict.ts';
import type {SafeText} from './text.ts';

// ─── outcomes ────────────────────────────────────────────────────────────────

/** Why something outside did not work. The words for each live in `messages`, keyed by `code`. */
export type FailureCode =
	| 'engine-missing' // no socket where one was expected
	| 'engine-not-running' // the socket refuses
	| 'engine-denied' // EACCES on the socket
	| 'engine-hung' // connected, but no answer within the deadline
	| 'engine-too-old' // the API version that it speaks is below ours
	| 'engine-unsupported-host' // DOCKER_HOST of a kind that we cannot speak (ssh://, npipe://)
	| 'not-found'
	| 'denied'
	| 'timed-out'
	| 'refused'
	| 'unreachable'
	| 'malformed'
	| 'unsupported'
	| 'busy' // somebody else holds it; params.holder says who
	| 'cancelled'
	| 'no-space'
	| 'read-only'
	| 'failed';

/** `detail` is the outside's own words, already safe to show; `params` fill the sentence in `messages`. */
export type Failure = {
	readonly code: FailureCode;
	readonly detail: SafeText;
	readonly params?: Readonly<Record<string, string | number>>;
};

export type Outcome<T> =
	| {readonly ok: true; readonly value: T}
	| {readonly ok: false; readonly failure: Failure};

/** Ends a subscription. Calling it twice is harmless; after it, no callback fires. */
export type Stop = () => void;

// ─── clock and identity ──────────────────────────────────────────────────────

/** All instants are epoch milliseconds (`nowMs`); spans that must survive a clock step use `monotonicMs`. */
export type Clock = {
	nowMs(): number;
	monotonicMs(): number;
	/** Runs once after `delayMs`; the answer cancels it. Timers never keep the process alive by themselves. */
	after(delayMs: number, run: () => void): Stop;
};

/** Who acts. `name` is what the person said of herself (`--as`) or the login user. */
export type Actor = {
	readonly name: string;
	readonly user: string;
	readonly sudoUser: string | null;
	readonly host: string;
	readonly tty: string | null;
	/** The SSH client's address, from SSH_CONNECTION; null on a local terminal. */
	readonly from: string | null;
};

// ─── containers ──────────────────────────────────────────────────────────────

export type EngineFacts = {
	readonly version: string;
	readonly apiVersion: string;
	/** What is spoken to, as a DOCKER_HOST value: `unix:///var/run/docker.sock`, `tcp://…`. Children get exactly this. */
	readonly host: string;
	readonly cgroupVersion: 1 | 2 | null;
	readonly cgroupDriver: string | null;
	readonly rootDirectory: string | null;
	readonly hostName: string;
};

/** A Compose project as its containers' labels tell it (or, with none, the configured directory). */
export type ProjectFacts = {
	readonly name: string;
	/** Absolute; label `com.docker.compose.project.working_dir`. Null when no label tells. */
	readonly directory: string | null;
	/** Absolute paths (relative ones of Compose v1 already resolved against `directory`). */
	readonly configFiles: readonly string[];
	/** Label `com.docker.compose.version`, such as `1.29.2` or `2.26.1`; null with no container. */
	readonly composeVersion: string | null;
	readonly services: readonly string[];
	readonly containerCount: number;
	readonly runningCount: number;
};

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
export type ContainerHealth = 'none' | 'starting' | 'healthy' | 'unhealthy';

export type PublishedPort = {
	readonly containerPort: number;
	readonly protocol: string;
	readonly hostAddress: string | null;
	readonly hostPort: number | null;
};

export type ContainerNetwork = {
	readonly name: string;
	/** Empty string while the container does not run. */
	readonly address: string;
	readonly aliases: readonly string[];
};

/** One container of the project, from list + inspect. Instants are epoch ms; null means "never" or "not told". */
export type ContainerFacts = {
	readonly id: string;
	readonly name: string;
	readonly project: string;
	readonly service: string;
	/** Label `com.docker.compose.container-number`: the index of a scaled service. */
	readonly number: number;
	/** True for `docker compose run`; shown apart and never counted as the service. */
	readonly oneOff: boolean;
	readonly image: string;
	readonly imageId: string;
	readonly state: ContainerState;
	readonly health: ContainerHealth;
	/** The last health check's output, first 2 kB, and when that check ended. */
	readonly healthOutput: SafeText;
	readonly healthAtMs: number | null;
	readonly healthFailingStreak: number;
	/** The health check's command, so that its own lines can be folded in the log pane. */
	readonly healthCommand: SafeText;
	readonly createdAtMs: number | null;
	readonly startedAtMs: number | null;
	readonly finishedAtMs: number | null;
	readonly exitCode: number;
	readonly oomKilled: boolean;
	/** `State.Error`: why a start was refused, such as a port already taken. */
	readonly error: SafeText;
	readonly restarts: number;
	/** Host pid of the container's first process, 0 when it does not run. */
	readonly pid: number;
	readonly tty: boolean;
	readonly logDriver: string;
	readonly ports: readonly PublishedPort[];
	readonly networks: readonly ContainerNetwork[];
	readonly memoryLimitBytes: number | null;
	readonly cpuLimitCores: number | null;
	readonly composeVersion: string | null;
	readonly configHash: string | null;
	readonly directory: string | null;
	readonly configFiles: readonly string[];
} & ContainerDefinition;

/** How a container was meant: what a start, a limit or a health check is judged by. */
export type ContainerDefinition = {
	readonly command: SafeText;
	readonly entrypoint: SafeText;
	/** `no`, `always`, `unless-stopped`, `on-failure`. */
	readonly restartPolicy: string;
	readonly healthStartPeriodMs: number | null;
	readonly healthIntervalMs: number | null;
	readonly pidsLimit: number | null;
	readonly mounts: readonly {readonly source: string; readonly destination: string; readonly writable: boolean}[];
	/** Names only; `unset` are those whose value is empty. Values never leave the adapter. */
	readonly environment: {readonly names: readonly string[]; readonly unset: readonly string[]};
};

/** What happened to a container, from the one filtered event stream. `atMs` is the engine's own time. */
export type ContainerEvent = {
	readonly kind: 'created' | 'started' | 'died' | 'stopped' | 'killed' | 'oom' | 'paused' | 'unpaused' | 'restarted' | 'removed' | 'renamed' | 'health' | 'updated';
	readonly id: string;
	readonly service: string;
	readonly oneOff: boolean;
	/** For `died`. */
	readonly exitCode: number | null;
	/** For `health`. */
	readonly health: ContainerHealth | null;
	readonly atMs: number;
};

export type ExecAnswer = {
	readonly exitCode: number;
	readonly output: SafeText;
	readonly durationMs: number;
};

export type ContainersPort = {
	/** Who answers; also the liveness check. Deadline 3 s. */
	engine(): Promise<Outcome<EngineFacts>>;
	/** Every Compose project on the engine, also those with only stopped containers. */
	projects(): Promise<Outcome<readonly ProjectFacts[]>>;
	/** All containers of a project, running or not, one-offs too, ordered by service and number. */
	containers(project: string): Promise<Outcome<readonly ContainerFacts[]>>;
	inspect(id: string): Promise<Outcome<ContainerFacts>>;
	/** One filtered stream; `ended` is told once, with the reason, when it breaks. The caller reconnects. */
	watch(project: string, happened: (event: ContainerEvent) => void, ended: (failure: Failure) => void): Stop;
	/** A check inside a container, only on opening or on request (each costs the engine 170–210 ms). Never into a paused one. */
	execute(id: string, command: readonly string[], deadlineMs: number): Promise<Outcome<ExecAnswer>>;
	/** Whether the engine has an image of this name. */
	hasImage(name: string): Promise<Outcome<boolean>>;
	/** When each of these images was made, by id; one that is gone is left out. */
	imageTimes(ids: readonly string[]): Promise<Outcome<Readonly<Record<string, number>>>>;
};

/** Cumulative counters of one container; rates are made in core from two readings. */
export type ContainerReading = {
	readonly atMs: number;
	readonly cpuSeconds: number;
	readonly throttledSeconds: number | null;
	/** Without inactive file cache, on cgroup v1 and v2. */
	readonly memoryBytes: number;
	/** Null when unlimited. */
	readonly memoryLimitBytes: number | null;
	readonly receivedBytes: number | null;
	readonly sentBytes: number | null;
	/** Kills by the kernel in this cgroup since its creation; null where the kernel does not tell. */
	readonly oomKills: number | null;
	readonly processes: number | null;
	readonly source: 'cgroup' | 'engine';
};

export type MetricsPort = {
	/** Reads one running container; `pid` as in ContainerFacts. Never forks. */
	read(container: {readonly id: string; readonly pid: number}): Promise<Outcome<ContainerReading>>;
};

// ─── logs ────────────────────────────────────────────────────────────────────

/** One line as the adapter hands it over, still raw: the log book makes it safe and cuts it. */
export type RawLogLine = {
	/** The engine's time stamp, nanosecond text as it stood (`2026-01-01T00:00:00.123456789Z`): the resume key. */
	readonly stamp: string;
	readonly atMs: number;
	readonly stream: 'out' | 'err';
	/** Decoded as UTF-8 with U+FFFD for what is not; without the line break; at most 16 kB kept. */
	readonly rawText: string;
	/** Bytes of this line that were dropped because it was too long. */
	readonly cutBytes: number;
};

export type LogRequest = {
	readonly containerId: string;
	readonly tty: boolean;
	/** Lines from the end to begin with; Infinity for all since `sinceMs`. */
	readonly tail: number;
	/** Only lines at or after this instant. */
	readonly sinceMs: number | null;
	/** Resume: skip what was already handed over up to and including this stamp (and its nth occurrence). */
	readonly after: {readonly stamp: string; readonly count: number} | null;
	readonly follow: boolean;
};

export type LogsPort = {
	/**
	Streams lines in batches (at most 8 batches a second). `skipped` counts lines that a flood made us drop unparsed:
	above 5,000 lines a second the newest are kept; with `isEstimate` they were not even read, and the number is what the flood brought at its last measuring. `ended` is told once: `null` when the stream is at its natural end (container stopped, or no follow).
	*/
	follow(request: LogRequest, advanced: (lines: readonly RawLogLine[], skipped: number, isEstimate?: boolean) => void, ended: (failure: Failure | null) => void): Stop;
};

// ─── host ────────────────────────────────────────────────────────────────────

export type HostIdentity = {
	readonly hostName: string;
	readonly system: string;
	readonly kernel: string;
	readonly cores: number;
	readonly bootAtMs: number;
	readonly bootId: string;
	readonly virtual: string | null;
};

export type HostReading = {
	readonly atMs: number;
	/** Cumulative since boot, all cores together. */
	readonly cpuBusySeconds: number;
	readonly cpuIdleSeconds: number;
	readonly cpuStolenSeconds: number;
	readonly cpuWaitSeconds: number;
	readonly load: readonly [number, number, number];
	readonly memoryTotalBytes: number;
	readonly memoryAvailableBytes: number;
	readonly swapTotalBytes: number;
	readonly swapUsedBytes: number;
};

export type DiskReading = {
	readonly mount: string;
	readonly device: string;
	readonly type: string;
	readonly totalBytes: number;
	/** What an unprivileged process may still write. */
	readonly availableBytes: number;
	readonly usedBytes: number;
	readonly inodes: number;
	readonly inodesFree: number;
	readonly readOnly: boolean;
};

/** A mount that did not answer in time (dead NFS, frozen file system) is told as such, never waited for. */
export type DisksReading = {
	readonly atMs: number;
	readonly disks: readonly DiskReading[];
	readonly silent: readonly string[];
};

export type ProcessReading = {
	readonly pid: number;
	readonly name: SafeText;
	/** Share of one core since the reading before; null at the first. */
	readonly cpuCores: number | null;
	readonly memoryBytes: number;
	/** Full container id when the process runs in one. */
	readonly containerId: string | null;
};

export type ProcessesReading = {
	readonly atMs: number;
	readonly count: number;
	readonly byCpu: readonly ProcessReading[];
	readonly byMemory: readonly ProcessReading[];
};

export type KernelKill = {
	readonly atMs: number;
	readonly pid: number;
	readonly name: SafeText;
	readonly containerId: string | null;
	/** True when a cgroup's limit was the cause, false when the host itself was out of memory. */
	readonly byLimit: boolean;
};

export type HostPort = {
	identity(): Promise<Outcome<HostIdentity>>;
	read(): Promise<Outcome<HostReading>>;
	disks(): Promise<Outcome<DisksReading>>;
	/** The five busiest by CPU and by memory. */
	processes(): Promise<Outcome<ProcessesReading>>;
	/** Kernel log, newest last; `denied` where it may not be read. */
	kernelKills(): Promise<Outcome<readonly KernelKill[]>>;
	/** A process and all below it, such as a container's; asked only when a rule wants to know. */
	processTree(pid: number): Promise<Outcome<ProcessTree>>;
	/** Who listens on a TCP port of this host; asked only when a rule wants to know. */
	portHolder(port: number): Promise<Outcome<PortHolder | null>>;
	/** Changes to the project that Compose is making now, by whoever: `up`, `restart`, `down`, `build`… in its directory. */
	composeRuns(directory: string): Promise<Outcome<readonly ComposeRun[]>>;
};

/** A pid of 0: somebody listens, and it may not be seen who. */
export type PortHolder = {readonly pid: number; readonly name: SafeText};

/** States as /proc tells them; `files` where they may be counted. */
export type ProcessTree = {
	readonly count: number;
	readonly stopped: number;
	/** Waiting for a disk (or a dead network file system). */
	readonly waiting: number;
	readonly files: {readonly open: number; readonly limit: number} | null;
	/** Where its network listens, and how many connections nobody has taken yet; null where that may not be seen. */
	readonly listening: readonly {readonly address: string; readonly port: number; readonly queued: number}[] | null;
};

/** `up -d api`, and since when it runs. */
export type ComposeRun = {readonly pid: number; readonly verb: string; readonly words: SafeText; readonly startedAtMs: number};

// ─── health pings ────────────────────────────────────────────────────────────

export type PingKind = 'http' | 'tcp' | 'postgres' | 'redis';

/** A ping as configured. `via` says how its address is resolved before each ping. */
export type PingTarget = {
	readonly name: string;
	readonly kind: PingKind;
	/** For http: the URL. For the others: `host:port`, or `service:port` when `service` is set. */
	readonly address: string;
	/** The service that this ping speaks for; null when it is none of ours. */
	readonly service: string | null;
	/**
	How the address is meant. `address`: as it stands. `container`: the host part is the service, replaced by its container's own address.
	`published`: the port is the container's, replaced by the port that the engine publishes for it on this host, when that is known.
	*/
	readonly via: 'address' | 'container' | 'published';
	readonly intervalMs: number;
	readonly deadlineMs: number;
	/** For http: acceptable status codes; empty means 200–299. Redirects are not followed: one that is not listed is `redirected`. */
	readonly expectedStatus: readonly number[];
	/** For http: a dotted path in the JSON body and the value that it must have. */
	readonly expectedField: {readonly path: string; readonly equals: string} | null;
	/** True for the pings whose failure is the outage (the runbook's alert); others warn. */
	readonly decisive: boolean;
};

export type PingReason =
	| 'refused' | 'timed-out' | 'dns' | 'tls' | 'status' | 'body' | 'reset' | 'closed' | 'unreachable'
	| 'redirected' | 'too-large' | 'protocol' | 'starting-up' | 'no-address' | 'not-running' | 'failed';

export type PingAnswer = {
	readonly ok: boolean;
	readonly reason: PingReason | null;
	/** Fills the sentence: status code, certificate trouble, what the server said. Already safe. */
	readonly detail: SafeText;
	readonly status: number | null;
	readonly latencyMs: number;
	readonly atMs: number;
	/** For https: when the certificate that was shown ends. */
	readonly certificateEndsAtMs?: number | null;
};

export type HealthPort = {
	/** One ping over a connection of its own, never through a proxy; ends within `target.deadlineMs`. `host` and `port` are resolved. */
	ping(target: PingTarget, resolvedAddress: string): Promise<PingAnswer>;
	/** Redis's own figures (INFO), over the wire; for a deeper look only. */
	cacheInfo(address: string, deadlineMs: number): Promise<Outcome<Readonly<Record<string, string>>>>;
};

/** Certificate authorities of the team's own, beside those that Node and the system know; empty where none are configured. */
export type AuthoritiesPort = {
	/** As far as they were read by now, for who cannot wait. */
	known(): readonly string[];
	/** PEM, each a certificate. `not-found`, `denied`, `malformed`, `timed-out`, each with params path and authorities. */
	read(): Promise<Outcome<readonly string[]>>;
};

// ─── commands ────────────────────────────────────────────────────────────────

/**
A change to be run under the supervisor. `lock` is the target, one runner at a time: `<project>/<service>`, or `<project>/*` for the whole project, which
nothing else of the project may run beside.
*/
export type RunRequest = {
	readonly id: string;
	readonly project: string;
	readonly action: string;
	readonly lock: string;
	/** A card's own title, for a console that does not have the card. */
	readonly title?: string | null;
	/** How its success is told, for whoever finds it ended. */
	readonly verification?: Verification;
	/** Run by one bash, `set -e` already in it. */
	readonly script: string;
	readonly directory: string;
	readonly environment: Readonly<Record<string, string>>;
	readonly deadlineMs: number;
	readonly hardLimitMs: number;
	readonly actor: string;
};

export type RunOutcome = {
	/** Null when it was ended by a signal before it could tell. */
	readonly exitCode: number | null;
	readonly signal: string | null;
	readonly cancelled: boolean;
	readonly timedOut: boolean;
	readonly startedAtMs: number;
	readonly endedAtMs: number;
	/** Names of processes of the run that are still alive. */
	readonly leftRunning: readonly SafeText[];
};

/** A run as its files tell it. `orphaned`: its supervisor is gone, its script goes on and holds the target. `lost`: both are gone, and there is no outcome. */
export type RunRecord = {
	readonly request: RunRequest;
	readonly state: 'running' | 'orphaned' | 'ended' | 'lost';
	readonly startedAtMs: number;
	readonly outcome: RunOutcome | null;
};

/** A piece of a run's output, stdout and stderr in the order written. `skippedBytes` lie before it (the cap keeps head and tail). */
export type RunOutput = {readonly rawText: string; readonly skippedBytes: number};

export type CheckAnswer = {
	readonly exitCode: number | null;
	readonly stdout: string;
	readonly stderr: SafeText;
	readonly timedOut: boolean;
	readonly durationMs: number;
};

export type CancelHow = 'now' | 'after-step';

export type CommandsPort = {
	/** Takes the lock and starts the supervised child; `busy` with `params.holder` when somebody else runs on the target. */
	start(request: RunRequest): Promise<Outcome<RunRecord>>;
	/** Output from the beginning, then as it comes; `ended` once, when nothing of it runs any more, with the outcome or null for lost. */
	follow(id: string, advanced: (output: RunOutput) => void, ended: (outcome: RunOutcome | null) => void): Stop;
	/** Every run of the project whose files still lie there, whoever started it. */
	runs(project: string): Promise<Outcome<readonly RunRecord[]>>;
	/** Ends it: at once, or between two of its steps. */
	cancel(id: string, how?: CancelHow): Promise<Outcome<null>>;
	/** Removes the run's files, after its verdict is in the journal. */
	discard(id: string): Promise<Outcome<null>>;
	/** A read: killed at its deadline with its whole process tree; output bounded at 1 MB. */
	check(command: readonly string[], options: {readonly directory?: string; readonly environment?: Readonly<Record<string, string>>; readonly deadlineMs: number; /** Ends it early, as its deadline would. */ readonly signal?: AbortSignal}): Promise<Outcome<CheckAnswer>>;
	/** Which generations of Compose can be run here, looked up anew at each call. */
	composeTools(): Promise<ComposeTools>;
};

export type ComposeTools = {
	/** Version of `docker-compose` on PATH when it is v1; null when absent. */
	readonly v1: string | null;
	/** How v2 is called here: `docker compose`, or `docker-compose` when that is the v2 program; null when absent. */
	readonly v2: {readonly version: string; readonly words: readonly string[]} | null;
	/** Those that are there and could not be asked: what they are is not known. */
	readonly silent?: readonly SilentTool[];
};

/** `timed-out`, or `failed` where it could not be started or was killed; both may be otherwise a moment later. */
export type SilentTool = {readonly tool: 'docker-compose' | 'docker compose'; readonly failure: Failure};

// ─── git ─────────────────────────────────────────────────────────────────────

export type GitCommit = {
	readonly hash: string;
	readonly subject: SafeText;
	readonly author: SafeText;
	readonly atMs: number;
	/** How many files it changed, and which of them are database migrations. */
	readonly files: number;
	readonly migrations: readonly SafeText[];
};

/** The checkout of a project directory, and its last commits. */
export type GitFacts = {
	readonly head: string;
	/** Null when the head is detached. */
	readonly branch: string | null;
	/** Newest first, along the first parents: of the branch, or of the one that contains a detached head, so that the way forward is listed too. */
	readonly commits: readonly GitCommit[];
	/** Older commits were never fetched. */
	readonly shallow: boolean;
	/** Tracked files with uncommitted changes: how many, and the first of them. */
	readonly dirtyCount: number;
	readonly dirty: readonly SafeText[];
	readonly submodules: boolean;
	/** The directory belongs to another user than ours (git then wants `safe.directory`). */
	readonly foreign: boolean;
};

export type GitPort = {
	/** Reads only, never a lock, no hook, no pager; ends within ten seconds. `not-found` (params.tool git, or no repository: params.path), `denied`, `timed-out`. */
	look(directory: string): Promise<Outcome<GitFacts>>;
};

// ─── files ───────────────────────────────────────────────────────────────────

/** What a compose file says should run. */
export type ComposeFileFacts = {
	readonly name: string | null;
	readonly services: readonly {readonly name: string; readonly image: string | null; readonly dependsOn: readonly string[]; readonly replicas: number; readonly profiles: readonly string[]}[];
};

export type FilesPort = {
	/** Reads and merges the compose files of a directory (the default names when `files` is empty). Never runs compose. */
	composeFiles(directory: string, files: readonly string[]): Promise<Outcome<ComposeFileFacts>>;
	/** What the checkout says of its own past: commits as they came onto it, files changed since. Reads only. */
	deploys(directory: string, files: readonly string[]): Promise<Outcome<DeployFacts>>;
	/** The newest files of a directory whose names begin so, one level of directories below it too. Names, sizes and times only; `busy` while an earlier look at it still hangs. */
	backups(directory: string, prefix: string): Promise<Outcome<BackupListing>>;
};

export type BackupFile = {readonly name: SafeText; readonly bytes: number; readonly atMs: number};

/** `isPartial`: more lies there than was looked at, or some of it may not be read, so that a newer one may have been missed. */
export type BackupListing = {readonly files: readonly BackupFile[]; readonly isPartial: boolean};

export type DeployFacts = {
	/** By the reflog, newest first: when each came onto this checkout, and how (`commit`, `checkout`, `pull`…). Empty without git. */
	readonly commits: readonly {readonly hash: string; readonly subject: SafeText; readonly how: SafeText; readonly atMs: number}[];
	/** `.env`, the compose files, and tracked files that differ from the commit, by the time of their last change; newest first. */
	readonly edits: readonly {readonly path: SafeText; readonly atMs: number; readonly kind: 'environment' | 'compose' | 'code'}[];
};

// ─── journal ─────────────────────────────────────────────────────────────────

export type Json = null | boolean | number | string | readonly Json[] | {readonly [key: string]: Json};

export type JournalDraft = {
	readonly atMs: number;
	readonly monotonicMs: number;
	readonly incident: string | null;
	readonly type: string;
	readonly data: {readonly [key: string]: Json};
	/** Drafts with the same key are written once per project: opening an incident, a run's outcome, its verdict. */
	readonly onceKey?: string;
	/** Other than the console's own actor: a run that ended while nobody looked. */
	readonly actor?: Actor;
};

export type JournalEntry = Omit<JournalDraft, 'onceKey' | 'actor'> & {
	readonly sequence: number;
	readonly bootId: string;
	readonly actor: Actor;
};

export type JournalPlace = {
	readonly path: string;
	/** Shared by all who can use the engine (`init --state`), the user's own, or memory-backed because the disk would not take it. */
	readonly kind: 'shared' | 'own' | 'memory';
	readonly failure: Failure | null;
};

/** A console that has this project's journal open. */
export type Presence = {readonly name: string; readonly user: string; readonly from: string | null; readonly tty: string | null; readonly sinceMs: number; readonly isMe: boolean};

export type JournalLease = {
	readonly mine: boolean;
	readonly holder: string | null;
	/** Who is here, this console too, whoever came first. */
	readonly present?: readonly Presence[];
	/** What this person was typing in a console that is gone: hers now, and told once. */
	readonly typed?: readonly KeptText[];
};

/** A text that is being typed, and where: what it is for and about (kept-texts.ts). */
export type KeptText = {readonly place: string; readonly text: string};

/** What a journal is opened with: every entry but passing facts (`passingTypes`), of which the newest of the last two incidents are enough. */
export type JournalHistory = {
	readonly entries: readonly JournalEntry[];
	/** How many facts of an incident are not among the entries. */
	readonly leftOut?: Readonly<Record<string, number>>;
	/** The newest sequence, also where its entry is not told. */
	readonly last?: number;
};

export type JournalPort = {
	/** Opens or creates the project's journal and answers with its history (newest 20,000 entries, and all since an open incident began). */
	open(project: string): Promise<Outcome<JournalHistory & {readonly place: JournalPlace}>>;
	/** The history once more: the journal has moved, and its numbers with it. */
	history(): Promise<Outcome<JournalHistory>>;
	/** Writes all drafts in one transaction and answers with the entries as stored (those already there by `onceKey` are left out). */
	append(drafts: readonly JournalDraft[]): Promise<Outcome<readonly JournalEntry[]>>;
	/** Entries after `sequence`, our own included: how a second console's facts arrive. */
	since(sequence: number): Promise<Outcome<readonly JournalEntry[]>>;
	/** Takes or renews the recording lease: one console at a time records facts (heartbeat 10 s, stale after 30 s). */
	/** `name`: how the person is called by now, for the others. */
	lease(name?: string): Promise<Outcome<JournalLease>>;
	/** Keeps all that is being typed here, beside the record and not in it; without any when it was written or given up. */
	keepTyped(texts: readonly KeptText[]): Promise<Outcome<null>>;
	/** Where it lies now; it moves to memory when the disk is full and back again. */
	place(): JournalPlace;
	/** Since when the oldest write has been waiting for the disk (epoch ms); null when none waits. Two seconds of it are a banner. */
	pendingSinceMs(): number | null;
	close(): Promise<void>;
};

// ─── runbooks ────────────────────────────────────────────────────────────────

export type RunbooksPort = {
	/**
	The team's pages, or the shipped one. `directory` is the project's, where the scripts lie that pages call (null while it is not known). Never fails: a
	page that cannot be read is a runbook with that problem, and then the shipped one comes along, so that nobody is left without any.
	*/
	read(directory: string | null): Promise<readonly Runbook[]>;
	/** The runbook that a text is, as if it stood in `path`. */
	parse(text: string, path: string, directory: string | null): Promise<Runbook>;
};

// ─── terminal and charts ─────────────────────────────────────────────────────

export type TerminalPort = {
	bell(): void;
	/** Copies by OSC 52 with tmux and screen passthrough; false when the text is above the size that terminals take. */
	copy(text: SafeText): boolean;
};

export type ChartSeries = {readonly title: string; readonly values: readonly (number | null)[]};

export type ChartsPort = {
	/** Draws series as `height` rows of exactly `width` columns, without colour codes; loads its library on first use. */
	draw(series: readonly ChartSeries[], size: {readonly width: number; readonly height: number}, range: {readonly min: number; readonly max: number}, ascii: boolean): Promise<readonly SafeText[]>;
};
