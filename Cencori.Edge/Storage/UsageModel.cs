using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Cencori.Edge.Storage;

/// <summary>The tables of usage. They are large and written all the time, so they are kept narrow, with no index that nobody asks.</summary>
public static class UsageModel
{
    /// <summary>The key of <c>request_records</c>, a number that the database gives. No member of <see cref="RequestRecord"/>: a request does not have it.</summary>
    public const string RecordId = "Id";

    public static void Configure(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<RequestRecord>(record =>
        {
            // No foreign key to the project: what it has used is known after it is gone.
            record.ToTable("request_records").Property<long>(RecordId).ValueGeneratedOnAdd();
            record.HasKey(RecordId);
            record.Property(row => row.Environment).HasConversion<short>();
            record.Property(row => row.Outcome).HasConversion<short>();
            record.Property(row => row.CostUsd).HasConversion(
                new ValueConverter<decimal, long>(usd => Picodollars.FromUsd(usd), stored => Picodollars.ToUsd(stored))).HasColumnName("Picodollars");

            // Pages of the logs, the hour in which a period begins, one request by the time in its id, and what is old. It grows at one
            // end; an index by anything else, where each record falls into another page, would cost more than the record.
            record.HasIndex(row => new { row.ProjectId, row.StartedAt });
        });

        modelBuilder.Entity<PayloadRecord>(payload =>
        {
            payload.ToTable("request_payloads").HasKey(row => row.Id);
            payload.HasIndex(row => new { row.ProjectId, row.RequestId });
            payload.HasIndex(row => row.StartedAt);
        });

        modelBuilder.Entity<UsageRollupRecord>(rollup =>
        {
            rollup.ToTable("usage_rollups").HasKey(row => new { row.ProjectId, row.Environment, row.Hour, row.Provider, row.Model, row.WriterId });
            rollup.Property(row => row.Environment).HasConversion<short>();
            rollup.HasIndex(row => new { row.Hour, row.WriterId });
        });

        modelBuilder.Entity<KeySpendRecord>().ToTable("key_spend").HasKey(row => new { row.ProjectId, row.KeyId, row.Month, row.WriterId });

        modelBuilder.Entity<UsageWriterRecord>(writer =>
        {
            writer.ToTable("usage_writers").HasKey(row => row.Id);
            writer.Property(row => row.Id).ValueGeneratedNever();
        });
    }
}
