using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Storage;

public static class StorageServices
{
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<StorageOptions>(configuration.GetSection(StorageOptions.Section));
        services.AddSingleton<DataDirectory>();
        services.AddSingleton(provider => new SecretSealer(MasterKey.Load(configuration, provider.GetRequiredService<DataDirectory>())));
        services.AddSingleton<DatabaseStartup>();
        services.AddDbContextFactory<SqliteEdgeDbContext>((provider, options) =>
            options.UseSqlite(new SqliteConnectionStringBuilder
            {
                DataSource = provider.GetRequiredService<DataDirectory>().DatabaseFile,
                ForeignKeys = true,
            }.ToString()));
        services.AddSingleton<IDbContextFactory<EdgeDbContext>, EdgeDbContextFactory<SqliteEdgeDbContext>>();
        return services;
    }

    // The rest of the edge asks for an EdgeDbContext and does not know which database system answers.
    private sealed class EdgeDbContextFactory<TContext>(IDbContextFactory<TContext> inner) : IDbContextFactory<EdgeDbContext>
        where TContext : EdgeDbContext
    {
        public EdgeDbContext CreateDbContext() => inner.CreateDbContext();
    }
}
