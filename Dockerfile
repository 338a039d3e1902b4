# One image for every part of GIMO; docker-compose.yml says which one a container is.
FROM node:24-bookworm-slim AS build
WORKDIR /gimo
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
# The dashboard, and the workflows as the one file that workers load.
RUN node node_modules/vite/bin/vite.js build --config web/vite.config.ts --logLevel warn
RUN npm prune --omit=dev --omit=optional --no-audit --no-fund \
 && node --input-type=module -e "await (await import('/gimo/worker/bundle.ts')).bundlePath()" \
 && rm -rf web/src web/public web/index.html web/vite.config.ts test bench .ci

FROM node:24-bookworm-slim
# git for workspaces; bubblewrap and util-linux (unshare) for the sandbox of processes.
RUN apt-get update \
 && apt-get install -y --no-install-recommends bubblewrap ca-certificates git util-linux \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -m 1777 /data /data/keys /ring
WORKDIR /gimo
COPY --from=build /gimo /gimo
ENV NODE_ENV=production GIMO_DATA_DIR=/data GIMO_REPO=/repo
USER node
EXPOSE 9325
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=6 CMD ["node", "deploy/health.mjs", "http://127.0.0.1:9325/health"]
CMD ["node", "api/main.ts"]
