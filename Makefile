# What people type. Each is thin over npm, docker or a script; `make help` lists them. `make deploy ARGS="--image IMAGE"` hands arguments on.
.DEFAULT_GOAL := help
ARGS ?=
COMPOSE := docker compose --file docker/docker-compose.yml

.PHONY: help build test check lint format coverage bench nodes api docker compose down logs monitor deploy verify changeset release rehearse binaries sbom clean

help: ## lists these
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/\1\t\2/' | expand -t 12

build: ## builds what has changed
	npm run build

test: ## all tests; ARGS="-- packages/core" for those of one package
	npm test $(ARGS)

check: ## types, lint, format, unused code, packages as published
	npm run check

lint: ## lints
	npm run lint

format: ## writes the format
	npm run format

coverage: ## tests with coverage
	npm run coverage

bench: ## the benchmark suite; leave the machine idle
	npm run bench

nodes: ## the tests on Node 20, 22, 24 and 26
	npm run test:nodes

api: ## writes the reference anew
	npm run api

docker: ## builds the image
	docker build --file docker/Dockerfile --tag llm-latency-lens:dev .

compose: ## starts the demo stack and waits until it is healthy
	$(COMPOSE) up --detach --build --wait

down: ## stops the demo stack; its data stays
	$(COMPOSE) down

logs: ## follows what the demo stack says
	$(COMPOSE) logs --follow

monitor: build ## monitors the simulator from this checkout
	node apps/cli/bin/lens.js monitor sim: $(ARGS)

deploy: ## deploys the production stack, and goes back where it does not become healthy
	tooling/scripts/deploy.sh $(ARGS)

verify: ## every check of containers, monitoring, workflows and scripts that this machine has the tools for
	tooling/scripts/verify-infrastructure.sh

changeset: ## notes a change that users see
	npm run changeset

release: ## releases by hand; ARGS=--dry-run says what it would publish
	tooling/scripts/release.sh $(ARGS)

rehearse: ## publishes to a registry of this machine, and uses what was published
	npm run release:rehearse

binaries: ## the program as one file, for six platforms
	npm run binaries

sbom: ## the bill of materials and the licences of an installed program
	npm run sbom

clean: ## takes away what was built
	npm run clean
