using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Tests.Storage;

/// <summary>The migrations of each database system make what the model describes.</summary>
public class MigrationTests
{
    [Fact]
    public void Nothing_of_the_model_is_missing_in_the_migrations_for_SQLite()
    {
        using var database = new SqliteEdgeDbContext.DesignTimeFactory().CreateDbContext([]);

        Assert.NotEmpty(database.Database.GetMigrations());
        Assert.False(database.Database.HasPendingModelChanges());
    }

    [Fact]
    public void Nothing_of_the_model_is_missing_in_the_migrations_for_PostgreSQL()
    {
        using var database = new PostgresEdgeDbContext.DesignTimeFactory().CreateDbContext([]);

        Assert.NotEmpty(database.Database.GetMigrations());
        Assert.False(database.Database.HasPendingModelChanges());
    }
}
