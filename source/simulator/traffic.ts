/**
Who visits the shop, when: one stream of visits that the seed and the time of day decide, and nothing else. What a visit
leaves in which log depends on the stack's condition at that moment and is `log-store.ts`' business.
*/

import {createRandom, hash, share} from './random.ts';
import type {Request} from './log-lines.ts';

export type Visit = Request & {
	/** World time of its arrival at nginx, and how long the api takes for it when well. */
	readonly at: number;
	readonly nanos: number;
	readonly tookMs: number;
	readonly status: number;
	readonly bytes: number;
};

export const visitBlockMs = 10_000;

const pages: ReadonlyArray<{readonly weight: number; readonly method: string; readonly path: (pick: number) => string; readonly status: number; readonly bytes: number; readonly tookMs: number}> = [
	{weight: 30, method: 'GET', path: () => '/api/products', status: 200, bytes: 1834, tookMs: 21},
	{weight: 25, method: 'GET', path: pick => `/api/products/${1 + (pick % 48)}`, status: 200, bytes: 312, tookMs: 9},
	{weight: 12, method: 'GET', path: pick => `/api/products?page=${1 + (pick % 4)}`, status: 200, bytes: 1610, tookMs: 24},
	{weight: 10, method: 'GET', path: () => '/api/cart', status: 200, bytes: 146, tookMs: 6},
	{weight: 8, method: 'POST', path: () => '/api/cart/items', status: 201, bytes: 98, tookMs: 13},
	{weight: 6, method: 'POST', path: () => '/api/orders', status: 201, bytes: 174, tookMs: 46},
	{weight: 5, method: 'GET', path: () => '/api/reviews?limit=10', status: 200, bytes: 2210, tookMs: 17},
	{weight: 2, method: 'GET', path: () => '/wp-login.php', status: 404, bytes: 207, tookMs: 2},
	{weight: 2, method: 'GET', path: () => '/.env', status: 404, bytes: 207, tookMs: 2},
];
const totalWeight = pages.reduce((sum, page) => sum + page.weight, 0);

const agents = [
	'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
	'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36',
	'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
	'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0',
];

/** Visits a second, by the hour in São Paulo (UTC−3): a quiet night, a coffee break at ten, an evening peak. */
export const visitsPerSecond = (at: number): number => {
	const hour = ((at / 3_600_000) - 3 + 24) % 24;
	const day = Math.max(0, Math.sin((hour - 6.5) / 17 * Math.PI));
	return 0.3 + day * 1.1;
};

const makeVisit = (seed: number, block: number, index: number): Visit => {
	const random = createRandom(hash(seed, 'visit', block), index);
	const at = (block * visitBlockMs) + random.between(0, visitBlockMs - 1);
	let weight = random.next() * totalWeight;
	const page = pages.find(candidate => (weight -= candidate.weight) < 0) ?? pages[0]!;
	return {
		at,
		nanos: random.between(0, 999_999),
		client: `${random.pick(['203.0.113', '198.51.100', '192.0.2'])}.${random.between(2, 250)}`,
		method: page.method,
		path: page.path(random.between(0, 999)),
		status: page.status,
		bytes: page.bytes + random.between(0, Math.ceil(page.bytes / 12)),
		tookMs: Math.max(1, Math.round(page.tookMs * (0.6 + (random.next() ** 3 * 4)))),
		agent: page.status === 404 ? 'Mozilla/5.0 zgrab/0.x' : random.pick(agents),
		referer: page.status === 404 ? '-' : 'https://mestres-do-cafe.com/',
	};
};

/** Visits that arrive in a block of ten seconds, in order. Blocks are kept for a while: a following log asks for the same one many times. */
export const createTraffic = (seed: number): ((block: number) => readonly Visit[]) => {
	const kept = new Map<number, readonly Visit[]>();
	return block => {
		const known = kept.get(block);
		if (known !== undefined) {
			return known;
		}

		const expected = visitsPerSecond(block * visitBlockMs) * visitBlockMs / 1000;
		const count = Math.floor((expected * (0.6 + (share(seed, 'count', block) * 0.8))) + share(seed, 'rest', block));
		const visits = Array.from({length: count}, (_, index) => makeVisit(seed, block, index));
		visits.sort((a, b) => a.at - b.at || a.nanos - b.nanos);
		if (kept.size > 64) {
			kept.delete(kept.keys().next().value!);
		}

		kept.set(block, visits);
		return visits;
	};
};
