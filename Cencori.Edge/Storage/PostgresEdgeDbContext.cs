using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Cencori.Edge.Storage;

/// <summary>The context for PostgreSQL. Its migrations are in <c>Migrations/Postgres</c>.</summary>
public sealed class PostgresEdgeDbContext(DbContextOptions<PostgresEdgeDbContext> options) : EdgeDbContext(options)
{
    /// <summary>Lets <c>dotnet ef migrations add</c> work without starting the edge.</summary>
    public sealed class DesignTimeFactory : IDesignTimeDbContextFactory<PostgresEdgeDbContext>
    {
        public PostgresEdgeDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PostgresEdgeDbContext>().UseNpgsql("Host=localhost").Options);
    }
}
