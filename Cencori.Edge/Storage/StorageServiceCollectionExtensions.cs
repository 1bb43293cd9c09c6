using Cencori.Edge.Storage.Moves;
using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Cencori.Edge.Storage;

public static class StorageServiceCollectionExtensions
{
    // The setting that lets edges share a data directory: through Redis they share limits and see each other's changes.
    private const string Joining = "Redis:Configuration";

    /// <exception cref="StartupException">The settings of section <c>Storage</c> contradict each other.</exception>
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<StorageOptions>(configuration.GetSection(StorageOptions.Section));
        services.AddSingleton<DataDirectory>();
        services.AddSingleton(provider => new SecretSealer(MasterKey.Load(configuration, provider.GetRequiredService<DataDirectory>())));
        services.AddSingleton<DatabaseStartup>();
        services.AddSingleton<ReadDatabase>();
        services.AddSingleton<StorageSwitch>();
        services.AddSingleton<StorageMonitor>();
        var storage = configuration.GetSection(StorageOptions.Section);
        var connectionString = storage[nameof(StorageOptions.ConnectionString)];
        return storage[nameof(StorageOptions.Provider)]?.ToUpperInvariant() switch
        {
            null or "" or "SQLITE" => string.IsNullOrEmpty(connectionString) ? services.AddSqlite(isJoined: !string.IsNullOrWhiteSpace(configuration[Joining])) : throw new StartupException(
                $"{PostgresSettings.Setting}: it has no effect while Storage:Provider is Sqlite. Set Storage:Provider to Postgres, or remove {PostgresSettings.Setting}."),
            "POSTGRES" => services.AddPostgres(PostgresSettings.Parse(connectionString)),
            _ => throw new StartupException("Storage:Provider: the value must be Sqlite or Postgres."),
        };
    }

    private static IServiceCollection AddSqlite(this IServiceCollection services, bool isJoined)
    {
        services.AddSingleton<IDatabaseSystem>(provider => new SqliteSystem(provider.GetRequiredService<DataDirectory>(), isJoined));
        services.AddDbContextFactory<SqliteEdgeDbContext>((provider, options) =>
            options.UseSqlite(new SqliteConnectionStringBuilder
            {
                DataSource = provider.GetRequiredService<DataDirectory>().DatabaseFile,
                ForeignKeys = true,
            }.ToString()).ConfigureWarnings(IgnorePendingChanges));
        return services.AddSingleton<IDbContextFactory<EdgeDbContext>, EdgeDbContextFactory<SqliteEdgeDbContext>>();
    }

    private static IServiceCollection AddPostgres(this IServiceCollection services, NpgsqlConnectionStringBuilder settings)
    {
        services.AddSingleton(_ => PostgresSettings.Open(settings));
        services.AddSingleton<IDatabaseSystem>(_ => new PostgresSystem(settings));
        services.AddDbContextFactory<PostgresEdgeDbContext>((provider, options) =>
            options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>()).ConfigureWarnings(IgnorePendingChanges));
        return services.AddSingleton<IDbContextFactory<EdgeDbContext>, EdgeDbContextFactory<PostgresEdgeDbContext>>();
    }

    // Turns off EF's check that migrations match the model: EF would build the model a second time for it, at every first start. Tests make this check.
    private static void IgnorePendingChanges(WarningsConfigurationBuilder warnings) => warnings.Ignore(RelationalEventId.PendingModelChangesWarning);

    // Creates contexts as EdgeDbContext, so that the rest of the edge does not depend on the database system.
    private sealed class EdgeDbContextFactory<TContext>(IDbContextFactory<TContext> inner) : IDbContextFactory<EdgeDbContext>
        where TContext : EdgeDbContext
    {
        public EdgeDbContext CreateDbContext() => inner.CreateDbContext();
    }
}
