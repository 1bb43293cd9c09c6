using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cencori.Edge.Tests.Storage;

/// <summary>Which database errors mean a conflict with another writer, and which a fault of the edge.</summary>
public sealed class ConflictTests
{
    [Theory]
    [InlineData(5, 5, true)] // BUSY
    [InlineData(5, 517, true)] // BUSY_SNAPSHOT
    [InlineData(6, 6, true)] // LOCKED
    [InlineData(19, 2067, true)] // CONSTRAINT_UNIQUE
    [InlineData(19, 1555, true)] // CONSTRAINT_PRIMARYKEY
    [InlineData(19, 787, true)] // CONSTRAINT_FOREIGNKEY
    [InlineData(19, 1299, false)] // CONSTRAINT_NOTNULL
    [InlineData(13, 13, false)] // FULL
    public void SQLite_errors_are_classified(int code, int extended, bool isConflict)
    {
        var system = new SqliteSystem(new DataDirectory(Options.Create(new StorageOptions { DataDirectory = Path.GetTempPath() }), NullLogger<DataDirectory>.Instance), isJoined: false);

        Assert.Equal(isConflict, system.IsConflict(new SqliteException("", code, extended)));
        Assert.Equal(isConflict, system.IsConflict(new DbUpdateException("", new SqliteException("", code, extended))));
    }

    [Theory]
    [InlineData(PostgresErrorCodes.UniqueViolation, true)]
    [InlineData(PostgresErrorCodes.ForeignKeyViolation, true)]
    [InlineData(PostgresErrorCodes.SerializationFailure, true)]
    [InlineData(PostgresErrorCodes.DeadlockDetected, true)]
    [InlineData(PostgresErrorCodes.LockNotAvailable, true)]
    [InlineData(PostgresErrorCodes.NotNullViolation, false)]
    [InlineData(PostgresErrorCodes.AdminShutdown, false)]
    public void PostgreSQL_errors_are_classified(string state, bool isConflict)
    {
        var fault = new PostgresException("", "ERROR", "ERROR", state);

        Assert.Equal(isConflict, PostgresFaults.IsConflict(fault));
        Assert.Equal(isConflict, PostgresFaults.IsConflict(new InvalidOperationException("", new DbUpdateException("", fault))));
    }
}
