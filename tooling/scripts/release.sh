#!/usr/bin/env bash
# Releases from this machine, by the steps of .github/workflows/release.yml: for the first release, which npm wants a person for, and for a day without
# GitHub. Publishes nothing before somebody has said yes.
set -euo pipefail

branch=main

usage() {
  cat <<'TEXT'
Usage: tooling/scripts/release.sh [--dry-run] [--yes]

  --dry-run  says what would be published, and changes nothing
  --yes      publishes without asking
  --help     says this

Looks whether all is as it has to be, runs all tests and checks, asks, raises the versions and writes the changelogs, commits that, and publishes.
Ends with 2 where it was refused, and nothing was changed.
TEXT
}

say() { printf '%s\n' "$*"; }
refuse() {
  printf 'release: %s\n' "$*" >&2
  exit 2
}

read_arguments() {
  dry_run=no yes=no
  while [ $# -gt 0 ]; do
    case $1 in
    --help)
      usage
      exit 0
      ;;
    --dry-run) dry_run=yes ;;
    --yes) yes=yes ;;
    *) refuse "Expected --dry-run, --yes or --help, got \`$1\`." ;;
    esac
    shift
  done
}

check_tools() {
  local tool
  for tool in git npm; do
    command -v "$tool" >/dev/null || refuse "Expected the program $tool, found none."
  done
}

check_checkout() {
  local now dirty upstream
  now=$(git branch --show-current)
  [ "$now" = "$branch" ] || refuse "Expected the branch $branch, got \`${now:-no branch}\`."
  dirty=$(git status --porcelain)
  [ -z "$dirty" ] || refuse "Expected a clean checkout, found changes. Commit them, or put them away:"$'\n'"$dirty"
  if git rev-parse --verify '@{upstream}' >/dev/null 2>&1; then
    git fetch --quiet || refuse "Expected to learn what the others have on $branch, but \`git fetch\` failed."
    upstream=$(git rev-parse '@{upstream}')
    [ "$upstream" = "$(git rev-parse HEAD)" ] || refuse "Expected $branch to be what the others have. Pull, and push, first."
  fi
}

check_changesets() {
  local found
  found=$(find .changeset -name '*.md' ! -name README.md)
  [ -n "$found" ] || refuse "Expected a change to release in .changeset, found none. \`npm run changeset\` notes one; \`npm run release\` publishes versions that are raised, but not published."
}

check_rights() {
  npm whoami >/dev/null 2>&1 || refuse "Expected npm to know who publishes. \`npm login\` tells it."
  [ "$yes" = yes ] || [ -t 0 ] || refuse "Expected somebody to ask, or --yes."
}

confirm() {
  local answer
  [ "$yes" = no ] || return 0
  read -r -p "Publish these to $(npm config get registry), for good? [y/N] " answer
  [ "$answer" = y ] || refuse "Nothing was published, and nothing was changed."
}

publish() {
  npm run version-packages
  git add --all
  git commit --quiet --message "chore: release"
  npm run release
}

main() {
  read_arguments "$@"
  cd "$(dirname "${BASH_SOURCE[0]}")/../.."
  check_tools
  check_checkout
  check_changesets
  [ "$dry_run" = yes ] || check_rights
  npm exec -- changeset status --verbose
  if [ "$dry_run" = yes ]; then
    say "That is what would be published; nothing was. \`npm run release:rehearse\` publishes it to a registry of this machine."
    return
  fi
  npm test
  npm run check
  confirm
  publish
  say "Published. What is left is the programs and the image:"
  say "  git push --follow-tags"
  say "  gh workflow run release.yml --ref $(git tag --points-at HEAD --list 'llm-latency-lens@*')"
}

main "$@"
