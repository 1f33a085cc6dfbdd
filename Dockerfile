# syntax=docker/dockerfile:1
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts/ensure-deps.cjs scripts/build.cjs scripts/bundle.cjs scripts/console.cjs scripts/
RUN npm ci --include=dev --no-audit --no-fund
COPY .swcrc nest-cli.json tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /app
# owned by root and never written to: the root file system may be mounted read-only, /data is the one place for state
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
RUN install -d -o node -g node -m 0700 /data
VOLUME /data
# by its number: Kubernetes does not know that the name is not root's
USER 1000:1000
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# node itself is the process that gets the signals: it drains on SIGTERM
# garbage is collected at one and a half times of what lives: docs/performance.md, "Memory"
CMD ["node", "--enable-source-maps", "--heap-growing-percent=50", "dist/main.js"]
