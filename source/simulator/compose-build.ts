/** docker-compose build and run on the pretend server: minutes of output that nobody wants to wait for at night, and migrations. */

import type {Command} from './compose.ts';
import type {Shell} from './interpreter.ts';
import {hexDigits} from './random.ts';
import {containerName, planOf} from './stack.ts';
import {buildImage, definitionNow, definitionOfContainer, imageOf, imageOfContainer, pendingRevisions, thingsOf} from './things.ts';
import type {SimulatedContainer, World} from './world.ts';

/** Does the service's name point to another image than the container was made from, or do the files say something else than then? */
export const isOutdated = (world: World, container: SimulatedContainer): boolean => {
	const things = thingsOf(world);
	return imageOf(things, container.service) !== imageOfContainer(things, container) || definitionNow(things, container.service) !== definitionOfContainer(things, container);
};

const buildSteps: readonly (readonly [string, number])[] = [
	['FROM python:3.11-slim', 300], ['WORKDIR /app', 200], ['COPY requirements.txt .', 300], ['RUN pip install --no-cache-dir -r requirements.txt', 21_000],
	['COPY . .', 700], ['RUN python -m compileall -q mestres', 2600], ['CMD ["gunicorn", "--config", "gunicorn.conf.py", "mestres:create_app()"]', 200],
];

export const build: Command = async (shell, {options}, services) => {
	if (services.length > 0 && !services.includes('api')) {
		return 0;
	}

	const {world} = shell;
	const things = thingsOf(world);
	const isCached = !options.includes('--no-cache');
	shell.out('Building api\n');
	for (const [index, [text, tookMs]] of buildSteps.entries()) {
		shell.out(`Step ${index + 1}/${buildSteps.length} : ${text}\n`);
		const isQuick = isCached && index < 4;
		await shell.sleep(isQuick ? 120 : tookMs);
		shell.out(isQuick ? ' ---> Using cache\n' : ` ---> ${hexDigits(12, world.seed, 'layer', index, things.images.length)}\n`);
	}

	const id = buildImage(world, isCached);
	shell.out(`\nSuccessfully built ${id.slice(7, 19)}\nSuccessfully tagged ${planOf('api').image}:latest\n`);
	return 0;
};

export const run: Command = async (shell, {names}) => {
	const [service = '', ...command] = names;
	if (command.join(' ') !== 'flask db upgrade') {
		return null;
	}

	shell.err(`Creating ${containerName('api')}_run ... \r\nCreating ${containerName('api')}_run ... done\r\n`);
	await shell.sleep(1400);
	return service === 'api' ? migrate(shell) : null;
};

/** Brings the database to what the code that is checked out wants. */
export const migrate = async (shell: Shell): Promise<number> => {
	await shell.sleep(1200);
	if (shell.world.byService('db')?.app !== 'ready') {
		shell.err('sqlalchemy.exc.OperationalError: could not translate host name "db" to address\n');
		return 1;
	}

	const things = thingsOf(shell.world);
	shell.out('INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.\nINFO  [alembic.runtime.migration] Will assume transactional DDL.\n');
	for (const {from, to, number} of pendingRevisions(things)) {
		await shell.sleep(900);
		shell.out(`INFO  [alembic.runtime.migration] Running upgrade ${from} -> ${to}\n`);
		things.schema = number;
	}

	shell.world.settle();

	return 0;
};
