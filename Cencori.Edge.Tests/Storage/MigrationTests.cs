using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Tests.Storage;

/// <summary>The migrations of each database system produce the current model.</summary>
public class MigrationTests
{
    [Fact]
    public void Migrations_for_SQLite_match_the_model()
    {
        using var database = new SqliteEdgeDbContext.DesignTimeFactory().CreateDbContext([]);

        Assert.NotEmpty(database.Database.GetMigrations());
        Assert.False(database.Database.HasPendingModelChanges());
    }

    [Fact]
    public void Migrations_for_PostgreSQL_match_the_model()
    {
        using var database = new PostgresEdgeDbContext.DesignTimeFactory().CreateDbContext([]);

        Assert.NotEmpty(database.Database.GetMigrations());
        Assert.False(database.Database.HasPendingModelChanges());
    }
}
