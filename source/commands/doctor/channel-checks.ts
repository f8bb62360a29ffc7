/** What doctor asks of the escalation: which services are configured, whether each one's secret is there, and whether a timer can be armed. Nothing is sent. */

import type {ChannelSettings} from '../../core/messengers.ts';
import type {Settings} from '../../core/settings.ts';
import type {SafeText} from '../../core/text.ts';
import {finding} from './findings.ts';
import type {DoctorFinding, DoctorProbes} from './findings.ts';

/** Whether a channel's secret can be read; null where it needs none. */
export type ChannelSecret = (channel: ChannelSettings) => Promise<{readonly ok: boolean; readonly words: SafeText} | null>;

export const checkChannels = async ({escalation}: Pick<Settings, 'escalation'>, secretOf: ChannelSecret, {findProgram, look}: Pick<DoctorProbes, 'findProgram' | 'look'>): Promise<readonly DoctorFinding[]> => {
	const {channels, unattended} = escalation;
	if (channels.length === 0) {
		return [finding('escalation', 'ok', 'channels-none')];
	}

	const secrets = await Promise.all(channels.map(async channel => ({channel, secret: await secretOf(channel)})));
	// The program alone arms nothing: systemd has to be what the machine was started by (sd_booted(3)).
	const hasTimer = unattended.length === 0 || (await findProgram('systemd-run') !== null && await look('/run/systemd/system', 'directory') === 'right');
	return [
		...secrets.map(({channel, secret}) => secret === null || secret.ok
			? finding('escalation', 'ok', secret === null ? 'channel-plain' : 'channel-right', {channel: channel.kind})
			: finding('escalation', 'bad', 'channel-secret', {channel: channel.kind, why: secret.words})),
		...unattended.length === 0 ? [] : [hasTimer ? finding('escalation', 'ok', 'timer-there', {names: unattended.join(', ')}) : finding('escalation', 'bad', 'timer-missing', {names: unattended.join(', ')})],
	];
};
