#!/usr/bin/env bats
# What release.sh refuses, and in which order it goes about. npm is a fake that notes what it is asked; git is real.

bats_require_minimum_version 1.5.0

setup() {
  export FAKE=$BATS_TEST_TMPDIR/fake
  export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=one GIT_AUTHOR_EMAIL=one@example.com GIT_COMMITTER_NAME=one GIT_COMMITTER_EMAIL=one@example.com
  tree=$BATS_TEST_TMPDIR/tree
  mkdir -p "$FAKE" "$tree/.changeset" "$tree/tooling/scripts"
  : >"$FAKE/calls"
  cp "$BATS_TEST_DIRNAME/../../scripts/release.sh" "$tree/tooling/scripts"
  touch "$tree/.changeset/one.md"
  git -C "$tree" init --quiet --initial-branch main
  commit
  PATH=$BATS_TEST_DIRNAME/fakes:$PATH
  release=$tree/tooling/scripts/release.sh
}

commit() { git -C "$tree" add --all && git -C "$tree" commit --quiet --message "feat: one"; }
called() { grep --quiet --line-regexp --fixed-strings -- "$1" "$FAKE/calls"; }

refuses() {
  run "$release" "${@:2}" </dev/null
  [ "$status" -eq 2 ]
  [[ $output == "release: "*"$1"* ]]
  run ! called "run version-packages"
  run ! called "run release"
}

@test "release.sh tells of itself, and refuses what it does not know" {
  run "$release" --help
  [ "$status" -eq 0 ]
  [[ $output == "Usage: tooling/scripts/release.sh"* ]]
  refuses "got \`--publish\`" --publish
  refuses "got \`minor\`" --yes minor
}

@test "release.sh refuses a checkout with changes, and shows them" {
  echo more >"$tree/more"
  refuses "Expected a clean checkout, found changes. Commit them, or put them away:
?? more" --yes
}

@test "release.sh refuses another branch" {
  git -C "$tree" switch --quiet --create other
  refuses "Expected the branch main, got \`other\`" --yes
}

@test "release.sh refuses where the others have something else" {
  git clone --quiet "$tree" "$BATS_TEST_TMPDIR/clone"
  release=$BATS_TEST_TMPDIR/clone/tooling/scripts/release.sh
  echo more >"$tree/more" && commit
  refuses "Expected main to be what the others have" --yes
}

@test "release.sh refuses where nothing is to be released" {
  rm "$tree/.changeset/one.md"
  echo "# Changesets" >"$tree/.changeset/README.md"
  commit
  refuses "Expected a change to release" --yes
}

@test "release.sh refuses where npm does not know who publishes" {
  touch "$FAKE/stranger"
  refuses "npm login" --yes
}

@test "release.sh refuses where nobody can be asked" {
  refuses "Expected somebody to ask, or --yes"
}

@test "release.sh only says what would be published, when asked to, whoever asks" {
  touch "$FAKE/stranger"
  run "$release" --dry-run
  [ "$status" -eq 0 ]
  [ "$(cat "$FAKE/calls")" = "exec -- changeset status --verbose" ]
  [ -z "$(git -C "$tree" status --porcelain)" ]
}

@test "release.sh publishes what was tested, checked and committed, and only then" {
  run "$release" --yes
  [ "$status" -eq 0 ]
  [[ $output == *"gh workflow run release.yml --ref llm-latency-lens@0.2.0" ]]
  [ "$(cat "$FAKE/calls")" = "whoami
exec -- changeset status --verbose
test
run check
run version-packages
run release" ]
  [ -z "$(git -C "$tree" status --porcelain)" ]
  [ "$(git -C "$tree" log -1 --format=%s --name-status)" = "chore: release

D	.changeset/one.md
A	version" ]
}

@test "release.sh publishes nothing where a test or a check fails" {
  for step in test "run check"; do
    echo "$step" >"$FAKE/failing"
    run "$release" --yes
    [ "$status" -ne 0 ]
    run ! called "run version-packages"
    run ! called "run release"
  done
}
