/** What doctor asks of the escalation: which services are configured, whether each one's secret is there, and whether a timer can be armed that outlives the last logout. Nothing is sent. */

import {lingers, systemdMark} from '../../core/lingering.ts';
import type {ChannelSettings} from '../../core/messengers.ts';
import type {Settings} from '../../core/settings.ts';
import type {SafeText} from '../../core/text.ts';
import {finding} from './findings.ts';
import type {DoctorFinding, DoctorProbes} from './findings.ts';

/** Whether a channel's secret can be read; null where it needs none. */
export type ChannelSecret = (channel: ChannelSettings) => Promise<{readonly ok: boolean; readonly words: SafeText} | null>;

export const checkChannels = async ({escalation}: Pick<Settings, 'escalation'>, secretOf: ChannelSecret, probes: Pick<DoctorProbes, 'findProgram' | 'look' | 'user' | 'isRoot'>): Promise<readonly DoctorFinding[]> => {
	const {channels, unattended} = escalation;
	if (channels.length === 0) {
		return [finding('escalation', 'ok', 'channels-none')];
	}

	const secrets = await Promise.all(channels.map(async channel => ({channel, secret: await secretOf(channel)})));
	return [
		...secrets.map(({channel, secret}) => secret === null || secret.ok
			? finding('escalation', 'ok', secret === null ? 'channel-plain' : 'channel-right', {channel: channel.kind})
			: finding('escalation', 'bad', 'channel-secret', {channel: channel.kind, why: secret.words})),
		...unattended.length === 0 ? [] : [await checkTimer(unattended.join(', '), probes)],
	];
};

const checkTimer = async (names: string, {findProgram, look, user, isRoot}: Pick<DoctorProbes, 'findProgram' | 'look' | 'user' | 'isRoot'>): Promise<DoctorFinding> => {
	// The program alone arms nothing: systemd has to be what the machine was started by.
	if (await findProgram('systemd-run') === null || await look(systemdMark, 'directory') !== 'right') {
		return finding('escalation', 'bad', 'timer-missing', {names});
	}

	// The user's own manager, and every timer with it, ends with the last session of who does not linger.
	return await lingers({isRoot, user}, async path => await look(path, 'file') !== 'missing')
		? finding('escalation', 'ok', 'timer-there', {names})
		: finding('escalation', 'bad', 'timer-no-linger', {names, user});
};
