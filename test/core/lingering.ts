/** Who lingers: root without a mark, everybody else by logind's. */

import test from 'ava';
import {lingers} from '../../source/core/lingering.ts';

test('logind\'s mark tells of a user, and root is not even looked for', async t => {
	const asked: string[] = [];
	const isThere = async (path: string): Promise<boolean> => {
		asked.push(path);
		return path.endsWith('/ana');
	};

	t.true(await lingers({isRoot: true, user: 'root'}, isThere));
	t.deepEqual(asked, []);
	t.true(await lingers({isRoot: false, user: 'ana'}, isThere));
	t.false(await lingers({isRoot: false, user: 'bia'}, isThere));
	t.deepEqual(asked, ['/var/lib/systemd/linger/ana', '/var/lib/systemd/linger/bia']);
});
