/** Which lab this is: package version and git commit, put in when it is built. */

export interface Build {
  readonly version: string;
  /** Short hash, with `+` behind it where files were changed since; null outside of a repository. */
  readonly commit: string | null;
}

declare const __LAB_BUILD__: Build | undefined;

/** Tests run from the sources, which nobody has built. */
export const BUILD: Build = typeof __LAB_BUILD__ === 'undefined' ? { version: 'unbuilt', commit: null } : __LAB_BUILD__;

export const buildInWords = ({ version, commit }: Build): string => (commit === null ? version : `${version} (${commit})`);
