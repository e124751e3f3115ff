/** Releases that can be told from their name alone, oldest first; others are named with their distribution. */
export const releases: Readonly<Record<string, readonly string[]>> = {
  debian: [
    ..."woody sarge etch lenny squeeze wheezy jessie stretch buster bullseye bookworm trixie forky duke".split(" "),
    ..."oldoldstable oldstable stable testing unstable sid".split(" "),
  ],
  ubuntu: [
    ..."dapper edgy feisty gutsy hardy intrepid jaunty karmic lucid maverick natty oneiric precise quantal raring saucy".split(" "),
    ..."trusty utopic vivid wily xenial yakkety zesty artful bionic cosmic disco eoan focal groovy hirsute impish".split(" "),
    ..."jammy kinetic lunar mantic noble oracular plucky questing resolute".split(" "),
  ],
};

/** The distribution that a release belongs to, if its name is enough to tell. */
export function findDistribution(release: string): string | undefined {
  return Object.keys(releases).find((distribution) => releases[distribution]?.includes(release));
}

export function listReleases(): string[] {
  return Object.values(releases).flat();
}
