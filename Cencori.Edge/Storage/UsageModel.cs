using Cencori.Edge.Storage.Requests;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Storage;

/// <summary>Defines the tables of usage. They are large and written constantly, so rows are narrow and there are no unused indexes.</summary>
public static class UsageModel
{
    /// <summary>Name of the table of request records, and of its entity in EF.</summary>
    internal const string Records = "request_records";

    public static void Configure(ModelBuilder modelBuilder)
    {
        // The table has no entity class: RecordColumns lists its columns, and the edge reads and writes it without EF. It has no foreign key to the project,
        // because usage outlives the project. Columns are ordered by width, so that PostgreSQL needs no padding.
        modelBuilder.SharedTypeEntity<Dictionary<string, object>>(Records, record =>
        {
            record.ToTable(Records).IndexerProperty<long>(RecordColumns.Id).HasColumnOrder(0);
            var order = 0;
            foreach (var column in RecordColumns.All.OrderByDescending(column => column.Width))
            {
                record.IndexerProperty(column.StoredType, column.Name).IsRequired(!column.IsNullable).HasColumnOrder(++order);
            }

            record.HasKey(RecordColumns.Id);

            // This index serves pages of the logs, sums of partial hours and minutes, retention, and the search for a request by the time in its id. New
            // records go to the end of this index. An index by anything else would touch a random page for each record, and cost more than the record.
            record.HasIndex(nameof(RequestRecord.ProjectId), nameof(RequestRecord.StartedAt));
        });

        modelBuilder.Entity<RecordTextRecord>(text =>
        {
            text.ToTable("record_texts").HasKey(row => row.Id);
            text.HasIndex(row => row.Text).IsUnique();
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

        modelBuilder.Entity<CallerRollupRecord>(rollup =>
        {
            rollup.ToTable("caller_rollups").HasKey(row => new { row.ProjectId, row.Environment, row.Hour, row.Kind, row.CallerId, row.WriterId });
            rollup.Property(row => row.Environment).HasConversion<short>();
            rollup.HasIndex(row => new { row.Hour, row.WriterId });
        });

        modelBuilder.Entity<UsageMinuteRecord>(minute =>
        {
            minute.ToTable("usage_minutes").HasKey(row => new { row.ProjectId, row.Environment, row.Minute, row.Provider, row.Model, row.WriterId, row.Part });
            minute.Property(row => row.Environment).HasConversion<short>();
            minute.HasIndex(row => row.Minute);
        });

        modelBuilder.Entity<UsageDayRecord>(day =>
        {
            day.ToTable("usage_days").HasKey(row => new { row.ProjectId, row.Environment, row.Day, row.Provider, row.Model, row.WriterId });
            day.Property(row => row.Environment).HasConversion<short>();
            day.HasIndex(row => new { row.Day, row.ProjectId });
        });

        modelBuilder.Entity<CallerDayRecord>(day =>
        {
            day.ToTable("caller_days").HasKey(row => new { row.ProjectId, row.Environment, row.Day, row.Kind, row.CallerId, row.WriterId });
            day.Property(row => row.Environment).HasConversion<short>();
            day.HasIndex(row => new { row.Day, row.ProjectId });
        });

        modelBuilder.Entity<KeySpendRecord>().ToTable("key_spend").HasKey(row => new { row.ProjectId, row.KeyId, row.Month, row.WriterId });

        modelBuilder.Entity<UsageWriterRecord>(writer =>
        {
            writer.ToTable("usage_writers").HasKey(row => row.Id);
            writer.Property(row => row.Id).ValueGeneratedNever();
        });
    }
}
