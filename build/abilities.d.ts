/** Types of abilities.js, for the test helpers. */
export type Ability = 'engine' | 'compose' | 'compose-v2' | 'busybox' | 'root' | 'pty' | 'tmux' | 'screen' | 'sshd' | 'cgroups' | 'locale-pt' | 'git' | 'iproute' | 'freezing' | 'another-user' | 'prometheus' | 'alertmanager';
export const leftOutMark: string;
export const abilities: Readonly<Record<Ability, () => string>>;
