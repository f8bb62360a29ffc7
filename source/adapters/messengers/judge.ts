/** From an answer to what became of the message, where services agree: 2xx accepted, 429 and 5xx again later, a gateway's silence open, all else refused. */

import type {Delivery} from '../../core/messengers.ts';
import {emptyText, type SafeText} from '../../core/text.ts';
import type {Answer} from './http.ts';

export type Answered = Extract<Answer, {kind: 'answered'}>;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field of an answer's JSON at a path; undefined where there is none. */
export const fieldOf = (json: unknown, ...path: readonly string[]): unknown => {
	let current = json;
	for (const name of path) {
		current = isObject(current) && Object.hasOwn(current, name) ? current[name] : undefined;
	}

	return current;
};

export const textOf = (value: unknown): string => typeof value === 'string' ? value : (typeof value === 'number' && Number.isFinite(value) ? String(value) : '');

export const accepted = (words: SafeText, reference: string | null = null, link: string | null = null): Delivery => ({kind: 'accepted', words, reference, link});

export const rejected = (words: SafeText): Delivery => ({kind: 'refused', code: 'rejected', words, isTemporary: false, retryAfterMs: null});

/** `judge` says what a 2xx means: a body that is not the service's own proves nothing. */
export const deliveryOf = (answer: Answer, judge: (answer: Answered) => Delivery): Delivery => {
	if (answer.kind === 'unsent') {
		return {kind: 'refused', code: answer.code, words: answer.words, isTemporary: answer.isTemporary, retryAfterMs: null};
	}

	if (answer.kind === 'unknown') {
		return answer;
	}

	const {status, words, retryAfterMs} = answer;
	const said = (status >= 200 && status < 300 ? words : `${status} ${words}`.trim()) as SafeText;
	if (status === 429 || status === 420) {
		return {kind: 'refused', code: 'rate-limited', words: said, isTemporary: true, retryAfterMs};
	}

	// A gateway gave up waiting for the service behind it, which may have done it all the same.
	if (status === 502 || status === 504) {
		return {kind: 'unknown', words: said};
	}

	if (status >= 500) {
		return {kind: 'refused', code: 'service-down', words: said, isTemporary: true, retryAfterMs};
	}

	return status >= 200 && status < 300 ? judge(answer) : {kind: 'refused', code: 'rejected', words: said, isTemporary: status === 408, retryAfterMs};
};

/** A 2xx with a body that is not the service's: a portal, a proxy. Whether it went through cannot be told. */
export const strange = ({status, words}: Answered): Delivery => ({kind: 'unknown', words: words === '' ? emptyText : `${status} ${words}` as SafeText});
