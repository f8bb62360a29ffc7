/**
The ways back: to a commit, to an image, and out of a rollback again. Each builds or finds everything it needs before it touches what runs, and none of
them takes the stack down: a `down` stops the database too, and a build that fails then leaves everything down.
*/

import type {Action, ActionWorld} from './actions.ts';
import {blank, trouble, type Plan, type Trouble} from './action-troubles.ts';
import {imagesIn, type ImageRow} from './action-looks.ts';
import type {GitCommit, GitFacts} from './ports.ts';
import type {KeptImage} from './action-history.ts';

/** The commits between the chosen one and the one that is checked out, newest first; `forward`: the chosen one is the newer. */
export const commitsBetween = (git: GitFacts, hash: string): {readonly commits: readonly GitCommit[]; readonly forward: boolean} => {
	const chosen = git.commits.findIndex(commit => commit.hash === hash);
	const here = git.commits.findIndex(commit => commit.hash === git.head);
	return chosen < 0 || here < 0 ? {commits: [], forward: false} : {commits: git.commits.slice(Math.min(chosen, here), Math.max(chosen, here)), forward: chosen < here};
};

const gitFailure = (world: ActionWorld): Trouble => {
	const failure = world.git?.failure ?? null;
	return failure === null ? trouble('looking', true) : trouble('git-failed', true, {code: failure.code, tool: String(failure.params?.['tool'] ?? ''), detail: failure.detail, path: String(failure.params?.['path'] ?? '')});
};

/** Checkout, build, swap. */
export const commitPlan = (world: ActionWorld, compose: string, first: Pick<Plan, 'steps' | 'values' | 'troubles'>, space: readonly Trouble[]): Plan => {
	const git = world.git?.facts ?? null;
	const hash = world.values?.['COMMIT'] ?? null;
	if (git === null) {
		return {...blank, values: first.values, steps: [`git checkout --detach "$COMMIT"`, `${compose} build`, `${compose} up -d`], troubles: [gitFailure(world)]};
	}

	const between = hash === null ? {commits: [], forward: false} : commitsBetween(git, hash);
	const migrations = between.commits.flatMap(commit => commit.migrations);
	// A directory of another user is not trusted by git; hooks of another user are not run.
	const call = git.foreign ? 'git -c safe.directory="$PWD" -c core.hooksPath=/dev/null' : 'git';
	return {
		...blank,
		steps: [
			...first.steps,
			...(git.dirtyCount > 0 ? [`${call} stash push -m "before the rollback"`] : []),
			`${call} checkout --detach "$COMMIT"`,
			...(git.submodules ? [`${call} submodule update --init --recursive`] : []),
			`${compose} build`,
			`${compose} up -d`,
		],
		values: first.values,
		// Asked of the definition as it is now: what would be blank now would be blank then.
		recreates: true,
		troubles: [
			...space,
			...(hash !== null && git.head === hash ? [trouble('commit-here', false)] : []),
			...(hash !== null && !git.commits.some(commit => commit.hash === hash) ? [trouble('commit-unlisted', false)] : []),
			...(migrations.length > 0 && !between.forward ? [trouble('migration-between', false, {files: migrations.slice(0, 3).join(', '), count: String(migrations.length)})] : []),
			...(git.dirtyCount > 0 ? [trouble('tree-dirty', false, {count: String(git.dirtyCount), files: git.dirty.join(', ')})] : []),
			...(git.branch === null ? [trouble('head-detached', false, {hash: git.head.slice(0, 10)})] : []),
			...(git.shallow ? [trouble('history-shallow', false)] : []),
			...(git.submodules ? [trouble('has-submodules', false)] : []),
			...(git.foreign ? [trouble('foreign-owner', false)] : []),
			...first.troubles,
		],
	};
};

const imageName = /^[a-z\d][\w./:-]*$/;

/** The name under which Compose looks for the service's image, and the images that a rollback may choose from, newest first. */
export const imageChoices = (action: Action, world: ActionWorld): {readonly name: string | null; readonly currentId: string; readonly choices: readonly ImageChoice[]} => {
	const container = (world.situation.containers.value ?? []).find(other => other.service === action.service && !other.oneOff);
	const recorded = (world.history?.images ?? []).filter(image => image.service === action.service);
	const named = container !== undefined && imageName.test(container.image) ? container.image : recorded.find(({name}) => imageName.test(name))?.name ?? null;
	const currentId = container?.imageId ?? '';
	const rows = world.preview?.state === 'known' ? imagesIn(world.preview.answers['images']) : [];
	const repository = named?.replace(/:[^/:]*$/, '') ?? '';
	const known = new Map(recorded.map(image => [image.id, image]));
	const choices = rows
		.filter((row, index) => rows.findIndex(other => other.id === row.id) === index)
		.map((row): ImageChoice => ({...row, current: row.id === currentId, origin: originOf(row, repository, known.get(row.id))}))
		.filter(({origin}) => origin !== 'other');
	return {name: named, currentId, choices};
};

export type ImageChoice = ImageRow & {
	readonly current: boolean;
	/** `recorded`: the journal saw the service run it. `named`: it has the service's name. `unnamed`: nobody's any more, perhaps an earlier build of it. */
	readonly origin: 'recorded' | 'named' | 'unnamed' | 'other';
};

const originOf = (row: ImageRow, repository: string, recorded: KeptImage | undefined): ImageChoice['origin'] => {
	if (recorded !== undefined) {
		return 'recorded';
	}

	return row.repository === repository && repository !== '' ? 'named' : (row.repository === '<none>' && row.tag === '<none>' ? 'unnamed' : 'other');
};

/** Gives the service's name to an image that is there and swaps only that service; an image of a registry is pulled by its digest first. */
export const imagePlan = (action: Action, world: ActionWorld, compose: string): Plan => {
	const {name, currentId, choices} = imageChoices(action, world);
	const wanted = world.values?.['IMAGE'] ?? null;
	const isRemote = wanted !== null && wanted.includes('@');
	const chosen = choices.find(choice => choice.id === wanted);
	return {
		...blank,
		steps: [
			...(isRemote ? ['docker pull "$IMAGE"'] : []),
			'docker tag "$IMAGE" "$MDC_NAME"',
			`${compose} up -d --no-build --no-deps ${action.service}`,
		],
		values: {MDC_NAME: name ?? ''},
		recreates: true,
		alone: true,
		troubles: [
			...(world.preview?.state === 'known' ? [] : [trouble('looking', true)]),
			...(world.preview?.state === 'known' && world.preview.answers['images']?.ok === false ? [trouble('look-failed', true, {what: 'docker image ls', detail: world.preview.answers['images'].detail})] : []),
			...(name === null && world.situation.containers.value !== null ? [trouble('image-unnamed', true, {service: action.service ?? ''})] : []),
			...(wanted !== null && wanted === currentId ? [trouble('image-here', false)] : []),
			...(chosen?.origin === 'unnamed' ? [trouble('image-unsure', false)] : []),
		],
	};
};

/** Back to what was recorded before the last rollback: the checkout, and the very images, without a build. */
export const wayBackPlan = (world: ActionWorld, compose: string): Plan => {
	const before = world.history?.before ?? null;
	if (before === null) {
		return {...blank, troubles: [trouble('nothing-recorded', true)]};
	}

	const images = before.images.filter(({name, id}) => imageName.test(name) && id !== '');
	const current = new Map((world.situation.containers.value ?? []).map(container => [container.service, container.imageId]));
	const swapped = images.filter(({service, id}) => current.get(service) !== id).map(({service}) => service);
	const built = new Set((world.situation.project.composeFile.value?.services ?? []).filter(({image}) => image === null).map(({name}) => name));
	const changed = images.filter(({service}, index) => swapped.includes(service) && images.findIndex(other => other.name === images[index]!.name) === index);
	const call = world.git?.facts?.foreign === true ? 'git -c safe.directory="$PWD" -c core.hooksPath=/dev/null' : 'git';
	return {
		...blank,
		steps: [
			...(before.commit === null ? [] : [`${call} checkout ${before.branch === null ? '--detach ' : ''}"$MDC_REF"`]),
			// Every recorded name points to its recorded image again, also where a build that failed half way has moved it.
			...images.map((_image, index) => `docker tag "$MDC_IMAGE_${index}" "$MDC_NAME_${index}"`),
			`${compose} up -d --no-build`,
		],
		values: {
			...(before.commit === null ? {} : {MDC_REF: before.branch ?? before.commit}),
			...Object.fromEntries(images.flatMap(({name, id}, index) => [[`MDC_IMAGE_${index}`, id], [`MDC_NAME_${index}`, name]])),
		},
		// Asked of the definition as it is before the checkout: what would be blank now would be blank then.
		recreates: true,
		// Compose v1 counts the image among what was defined. A build that stopped half way has moved names that are set back here: their services only seem to differ.
		meant: [...swapped, ...images.map(({service}) => service).filter(service => built.has(service))],
		troubles: [trouble('way-back', false, {atMs: String(before.atMs), ref: before.branch ?? before.commit?.slice(0, 10) ?? '', count: String(changed.length)})],
	};
};
