/**
Who lingers: whose processes and timers systemd keeps beyond the last logout. It hides where logind writes that down, and that root needs no such mark, since the
system's own manager never ends.
*/

/** There only on a machine that was started by systemd (sd_booted(3)). */
export const systemdMark = '/run/systemd/system';

/** `isThere` looks for a file, and may say yes where it cannot tell. */
export const lingers = async ({isRoot, user}: {readonly isRoot: boolean; readonly user: string}, isThere: (path: string) => Promise<boolean>): Promise<boolean> =>
	isRoot || isThere(`/var/lib/systemd/linger/${user}`);
