/** What a sender is given beside its settings and the message. */

export type SendContext = {
	/** The channel's secret; empty where it needs none. */
	readonly secret: string;
	readonly deadlineMs: number;
	readonly userAgent: string;
	readonly environment: Readonly<Record<string, string | undefined>>;
};
