# Multi-stage: the SDK image builds; a chiseled runtime image (no shell, no package manager, non-root) runs.
FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
WORKDIR /source

# Restores in a separate layer, which is rebuilt only when a package changes.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY Cencori.Edge/Cencori.Edge.csproj Cencori.Edge/
RUN dotnet restore Cencori.Edge --use-current-runtime -p:PublishReadyToRun=true

COPY yarp.json prices.json ./
COPY Cencori.Edge Cencori.Edge
# ReadyToRun shortens the start by about a third.
RUN dotnet publish Cencori.Edge --no-restore --use-current-runtime --self-contained false \
        -p:PublishReadyToRun=true -c Release -o /app \
    && mkdir /data

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /app .

# The chiseled image has no time zones, and the dashboard shows times in the zone of the browser. The SDK image of noble has all of them.
COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo

# A new named volume copies the owner of this directory, so that the edge can write to it.
COPY --from=build --chown=$APP_UID:$APP_UID /data /data
VOLUME /data

ENV ASPNETCORE_HTTP_PORTS=8080 \
    Storage__DataDirectory=/data
EXPOSE 8080
USER $APP_UID

# A new version migrates the database before it listens, which may take minutes. The first success in the start period counts at once.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30m \
    CMD ["dotnet", "/app/Cencori.Edge.dll", "health"]

# The full path lets an operator choose another working directory: the edge reads its files there first.
ENTRYPOINT ["dotnet", "/app/Cencori.Edge.dll"]
