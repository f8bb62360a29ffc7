/**
Messages to the outside as types: to which service, for what, and what became of one. Ports for sending them, for a timer of the system, and for chance.

`accepted` means that the service took it, never that a person has read it. `unknown` means that it may have gone out: the answer did not come.
*/

import type {SafeText} from './text.ts';

/** A service that messages can be sent to. `hook` is the generic signed webhook, `command` a program of the team's own. */
export type ChannelKind = 'pagerduty' | 'slack' | 'statuspage' | 'cachet' | 'hook' | 'github' | 'command';

export const channelKinds: readonly ChannelKind[] = ['pagerduty', 'slack', 'statuspage', 'cachet', 'hook', 'github', 'command'];

/** What a message is for. `change`: a marker of a rollback that pages nobody. `issue`: what prevents it next time. */
export type MessagePurpose = 'escalate' | 'acknowledge' | 'update' | 'mitigate' | 'resolve' | 'cancel' | 'change' | 'issue';

/** Where a secret lies; the value itself is in no state and no event. */
export type SecretSource = {readonly env: string} | {readonly file: string};

export type ChannelSettings =
	| {readonly kind: 'pagerduty'; readonly routingKey: SecretSource; readonly url: string; /** Null: one of our own for each incident. */ readonly dedupKey: string | null}
	/** With a token one thread for each incident; a webhook posts into its channel and tells no id. */
	| {readonly kind: 'slack'; readonly webhook: SecretSource | null; readonly token: SecretSource | null; readonly channel: string; readonly url: string}
	| {readonly kind: 'statuspage'; readonly apiKey: SecretSource; readonly page: string; readonly components: readonly string[]; readonly notify: boolean; readonly url: string}
	| {readonly kind: 'cachet'; readonly token: SecretSource; readonly url: string; readonly components: readonly number[]; readonly notify: boolean}
	| {readonly kind: 'hook'; readonly url: string; readonly signingKey: SecretSource}
	/** Without a token the prefilled address is shown instead. */
	| {readonly kind: 'github'; readonly repository: string; readonly token: SecretSource | null; readonly labels: readonly string[]; readonly url: string; readonly web: string}
	| {readonly kind: 'command'; readonly command: readonly string[]; readonly deadlineMs: number};

/** How a status page calls the state of things. */
export type PublicState = 'investigating' | 'identified' | 'monitoring' | 'resolved';

/** A message ready to go: the text as it was shown and journalled, and what the service needs beside it. */
export type Envelope = {
	/** The same at every attempt: what lets a service, or the receiver of a webhook, recognise a second one. */
	readonly id: string;
	readonly channel: ChannelKind;
	readonly purpose: MessagePurpose;
	readonly subject: string;
	readonly body: string;
	readonly state: PublicState;
	readonly incident: {readonly id: string; readonly alert: string; readonly severity: string; readonly service: string; readonly project: string; readonly host: string; readonly beganAtMs: number};
	/** What the service called the first message of this incident: a thread, a status page's incident. Null for the first. */
	readonly reference: string | null;
	/** The machine that consoles run on: the same for a console and for what its timer runs, whatever they know of the engine. */
	readonly origin: string;
	readonly atMs: number;
};

export type Delivery =
	| {readonly kind: 'accepted'; readonly words: SafeText; /** To come back to it; null where the service tells none. */ readonly reference: string | null; readonly link: string | null}
	| {readonly kind: 'refused'; readonly code: RefusalCode; readonly words: SafeText; readonly isTemporary: boolean; /** What the service asked to wait. */ readonly retryAfterMs: number | null}
	| {readonly kind: 'unknown'; readonly words: SafeText};

/** Why a message did not go out. */
export type RefusalCode = 'not-configured' | 'no-secret' | 'no-connection' | 'rate-limited' | 'service-down' | 'rejected' | 'redirected' | 'no-answer' | 'failed';

export type MessengersPort = {
	/** Sends one message once. Ends by itself within its deadline, follows no redirect, reads a bounded answer; never throws for what the service does. */
	send(envelope: Envelope): Promise<Delivery>;
};

/** Why no timer waits: the system has none; the user's own would end with her last session; no answer in time; any other, in its words. */
export type TimerRefusal = 'unsupported' | 'no-linger' | 'timed-out' | 'failed';

export type TimerFailure = {readonly code: TimerRefusal; /** The system's words; of `no-linger` the remedy, a command. */ readonly detail: SafeText};

/** The name of the timer, or why there is none. */
export type Armed = {readonly ok: true; readonly value: string} | {readonly ok: false; readonly failure: TimerFailure};

/** A timer of the system, for what must happen with no console open. Arming twice for one incident and instant is arming once. */
export type TimerPort = {
	arm(request: {readonly incident: string; readonly project: string; readonly atMs: number}): Promise<Armed>;
	disarm(name: string): Promise<{readonly ok: true; readonly value: null} | Extract<Armed, {ok: false}>>;
};

export type RandomPort = {
	/** From 0 to 1, 1 excluded. */
	share(): number;
};

/**
May a message be sent again when it is not known whether it went out? PagerDuty takes a repeated event as one by its key; for Statuspage and GitHub the adapter
looks for its own mark first; a webhook carries the same id. Slack, Cachet and a command have nothing of the kind: there a person decides.
*/
export const isRepeatable = (channel: ChannelKind, purpose: MessagePurpose): boolean =>
	(channel === 'pagerduty' && purpose !== 'change') || channel === 'statuspage' || channel === 'hook' || channel === 'github';
