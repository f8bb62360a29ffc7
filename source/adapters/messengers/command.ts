/** A program of the team's own: run without a shell, the text on its standard input, ended with its whole group at its deadline where that can be done. What it prints is bounded. */

import {spawn, type ChildProcessWithoutNullStreams} from 'node:child_process';
import type {ChannelSettings, Delivery, Envelope} from '../../core/messengers.ts';
import {makeSafe} from '../../core/text.ts';
import {startChild} from '../children.ts';
import type {SendContext} from './context.ts';
import {wordsOf} from './http.ts';

type Settings = Extract<ChannelSettings, {kind: 'command'}>;

const outputLimit = 16 * 1024;
// After its end, for what still lies in the pipe.
const lastWordsMs = 500;
// From KILL to its end.
const killedWithinMs = 2000;

/** What the program may know beside the text; the secrets of other channels are not in the environment that it is given. */
const environmentOf = ({environment}: SendContext, {id, purpose, subject, state, incident}: Envelope): NodeJS.ProcessEnv => ({
	...environment, MDC_MESSAGE: id, MDC_PURPOSE: purpose, MDC_SUBJECT: subject, MDC_STATE: state, MDC_INCIDENT: incident.id, MDC_ALERT: incident.alert, MDC_SEVERITY: incident.severity, MDC_SERVICE: incident.service, MDC_PROJECT: incident.project,
});

export const sendByCommand = async (settings: Settings, envelope: Envelope, context: SendContext): Promise<Delivery> => {
	const [program = '', ...parameters] = settings.command;
	const started = await startChild(() => spawn(program, parameters, {env: environmentOf(context, envelope), stdio: ['pipe', 'pipe', 'pipe'], detached: true, shell: false, cwd: '/'}));
	return started.ok
		? deliver(started.child, settings, envelope)
		: {kind: 'refused', code: 'failed', words: makeSafe(`${program}: ${started.error.code ?? started.error.message}`), isTemporary: false, retryAfterMs: null};
};

const deliver = async (child: ChildProcessWithoutNullStreams, {deadlineMs}: Settings, envelope: Envelope): Promise<Delivery> => new Promise(resolve => {
	let output = '';
	let isLate = false;
	let patience: NodeJS.Timeout | undefined;
	const keep = (text: string): void => {
		output = (output + text).slice(0, outputLimit);
	};

	const settle = (delivery: Delivery): void => {
		clearTimeout(timer);
		clearTimeout(patience);
		for (const stream of child.stdio) {
			stream?.destroy();
		}

		resolve(delivery);
	};

	const timer = setTimeout(() => {
		isLate = true;
		killGroup(child);
		// What became another user's (sudo), or hangs in the kernel, does not end: it is left alone, and holds neither the message nor this program.
		patience = setTimeout(() => {
			child.unref();
			settle({kind: 'unknown', words: makeSafe(`could not be ended after ${deadlineMs / 1000} s`)});
		}, killedWithinMs);
	}, deadlineMs);

	child.stdout.setEncoding('utf8').on('data', keep);
	child.stderr.setEncoding('utf8').on('data', keep);
	child.stdin.on('error', () => {
		// A program need not read its text; how it ends says whether that was well.
	});
	const ended = (code: number | null, signal: NodeJS.Signals | null): void => {
		const words = wordsOf(output, []);
		settle(isLate
			? {kind: 'unknown', words: makeSafe(`ended after ${deadlineMs / 1000} s`)}
			: (code === 0 ? {kind: 'accepted', words, reference: null, link: null} : {kind: 'refused', code: 'failed', words: makeSafe(`${signal ?? `exit ${code ?? '?'}`} ${words}`.trim()), isTemporary: false, retryAfterMs: null}));
	};

	// All that it said is read by `close`; not waited for long: a child that it left behind may hold the pipe open for ever.
	child.on('close', ended);
	child.on('exit', (code, signal) => {
		clearTimeout(timer);
		clearTimeout(patience);
		patience = setTimeout(ended, lastWordsMs, code, signal);
	});
	child.stdin.end(`${envelope.subject === '' ? '' : `${envelope.subject}\n\n`}${envelope.body}\n`);
});

const killGroup = ({pid}: ChildProcessWithoutNullStreams): void => {
	try {
		process.kill(-(pid ?? 0), 'SIGKILL');
	} catch (error) {
		// It ended by itself in this very moment, or nothing of it is ours to kill; anything else would be a bug.
		if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) {
			throw error;
		}
	}
};
