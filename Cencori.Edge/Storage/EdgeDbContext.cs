using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Cencori.Edge.Storage;

/// <summary>The tables of the edge: projects, keys, credentials, limits, usage and more. Each database system has a derived context with its own migrations.</summary>
public abstract class EdgeDbContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<ProjectRecord> Projects => Set<ProjectRecord>();

    public DbSet<ApiKeyRecord> ApiKeys => Set<ApiKeyRecord>();

    public DbSet<ProviderKeyRecord> ProviderKeys => Set<ProviderKeyRecord>();

    public DbSet<BudgetRecord> Budgets => Set<BudgetRecord>();

    public DbSet<BudgetAlertRecord> BudgetAlerts => Set<BudgetAlertRecord>();

    public DbSet<AlertDeliveryRecord> AlertDeliveries => Set<AlertDeliveryRecord>();

    public DbSet<AgentRecord> Agents => Set<AgentRecord>();

    public DbSet<PendingActionRecord> PendingActions => Set<PendingActionRecord>();

    public DbSet<PromptRecord> Prompts => Set<PromptRecord>();

    public DbSet<PromptVersionRecord> PromptVersions => Set<PromptVersionRecord>();

    public DbSet<RouteRecord> Routes => Set<RouteRecord>();

    public DbSet<AuditRecord> Audit => Set<AuditRecord>();

    public DbSet<UserRecord> Users => Set<UserRecord>();

    public DbSet<MembershipRecord> Memberships => Set<MembershipRecord>();

    public DbSet<InvitationRecord> Invitations => Set<InvitationRecord>();

    public DbSet<SessionRecord> Sessions => Set<SessionRecord>();

    public DbSet<RingKeyRecord> RingKeys => Set<RingKeyRecord>();

    public DbSet<EdgeRecord> Edges => Set<EdgeRecord>();

    public DbSet<OwnedObjectRecord> OwnedObjects => Set<OwnedObjectRecord>();

    public DbSet<SettingRecord> Settings => Set<SettingRecord>();

    public DbSet<PayloadRecord> Payloads => Set<PayloadRecord>();

    public DbSet<MemoryNamespaceRecord> MemoryNamespaces => Set<MemoryNamespaceRecord>();

    public DbSet<MemoryRecord> Memories => Set<MemoryRecord>();

    public DbSet<MemoryVectorRecord> MemoryVectors => Set<MemoryVectorRecord>();

    public DbSet<UsageRollupRecord> UsageRollups => Set<UsageRollupRecord>();

    public DbSet<CallerRollupRecord> CallerRollups => Set<CallerRollupRecord>();

    public DbSet<UsageMinuteRecord> UsageMinutes => Set<UsageMinuteRecord>();

    public DbSet<UsageDayRecord> UsageDays => Set<UsageDayRecord>();

    public DbSet<CallerDayRecord> CallerDays => Set<CallerDayRecord>();

    public DbSet<KeySpendRecord> KeySpend => Set<KeySpendRecord>();

    public DbSet<UsageWriterRecord> UsageWriters => Set<UsageWriterRecord>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // Stores milliseconds, because SQLite cannot compare DateTimeOffset. Numbers sort the same in every database.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMillisecondsConverter>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<ProjectRecord>(project =>
        {
            project.ToTable("projects").HasKey(row => row.Id);
            project.HasIndex(row => row.Slug).IsUnique();
            project.Property(row => row.ModelAliases).HasConversion(
                aliases => JsonSerializer.Serialize(aliases, JsonSerializerOptions.Default),
                json => JsonSerializer.Deserialize<Dictionary<string, string>>(json, JsonSerializerOptions.Default)!,
                new ValueComparer<Dictionary<string, string>>(
                    (left, right) => left!.OrderBy(pair => pair.Key).SequenceEqual(right!.OrderBy(pair => pair.Key)),
                    aliases => aliases.Count,
                    aliases => new Dictionary<string, string>(aliases)));
            project.Property(row => row.Prices).HasDefaultValueSql("'[]'").HasConversion(
                prices => JsonSerializer.Serialize(prices, JsonSerializerOptions.Default),
                json => JsonSerializer.Deserialize<List<ModelPrice>>(json, JsonSerializerOptions.Default)!,
                new ValueComparer<List<ModelPrice>>((left, right) => left!.SequenceEqual(right!), prices => prices.Count, prices => prices.ToList()));
        });

        modelBuilder.Entity<BudgetRecord>(budget =>
        {
            budget.ToTable("budgets").HasKey(row => new { row.ProjectId, row.KeyId });
            budget.HasOne<ProjectRecord>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<BudgetAlertRecord>(alert =>
        {
            alert.ToTable("budget_alerts").HasKey(row => new { row.ProjectId, row.KeyId, row.Month, row.Threshold });
            alert.HasOne<ProjectRecord>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<AlertDeliveryRecord>(delivery =>
        {
            delivery.ToTable("alert_deliveries").HasKey(row => row.Id);
            delivery.HasIndex(row => new { row.ProjectId, row.Id });
            delivery.HasOne<ProjectRecord>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<ApiKeyRecord>(key =>
        {
            key.ToTable("api_keys").HasKey(row => row.Id);
            key.HasIndex(row => row.Hash).IsUnique();
            key.HasIndex(row => row.CreatedAt);
            key.HasOne<ProjectRecord>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<ProviderKeyRecord>(key =>
        {
            key.ToTable("provider_keys").HasKey(row => new { row.ProjectId, row.Id });
            key.HasIndex(row => new { row.ProjectId, row.Provider, row.Environment, row.Name }).IsUnique();
            key.HasOne<ProjectRecord>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<OwnedObjectRecord>(owned =>
        {
            owned.ToTable("owned_objects").HasKey(row => new { row.ProjectId, row.Provider, row.Environment, row.ObjectId });
            owned.HasIndex(row => new { row.ProjectId, row.CreatedAt });
            owned.HasIndex(row => row.CreatedAt);
            owned.HasOne<ProjectRecord>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<AgentRecord>(agent =>
        {
            agent.ToTable("agents").HasKey(row => row.Id);
            agent.HasOne<ProjectRecord>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<PendingActionRecord>(action =>
        {
            action.ToTable("pending_actions").HasKey(row => row.Id);
            action.HasIndex(row => new { row.AgentId, row.CreatedAt });
            action.HasIndex(row => row.ExpiresAt);
            action.HasOne<AgentRecord>().WithMany().HasForeignKey(row => row.AgentId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<PromptRecord>(prompt =>
        {
            prompt.ToTable("prompts").HasKey(row => row.Id);
            prompt.HasIndex(row => new { row.ProjectId, row.Name }).IsUnique();
            prompt.HasOne<ProjectRecord>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<PromptVersionRecord>(version =>
        {
            version.ToTable("prompt_versions").HasKey(row => row.Id);
            version.HasIndex(row => new { row.PromptId, row.Version }).IsUnique();
            version.HasOne<PromptRecord>().WithMany().HasForeignKey(row => row.PromptId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<RouteRecord>(route =>
        {
            route.ToTable("routes").HasKey(row => new { row.ProjectId, row.Name });
            route.HasOne<ProjectRecord>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.Cascade);
        });

        // The table has no foreign key to the project, because audit rows must outlive their project.
        modelBuilder.Entity<AuditRecord>(audit =>
        {
            audit.ToTable("audit").HasKey(row => row.Id);
            audit.Property(row => row.Id).ValueGeneratedNever();
            audit.HasIndex(row => row.At);
        });

        modelBuilder.Entity<UserRecord>(user =>
        {
            user.ToTable("users").HasKey(row => row.Id);
            user.HasIndex(row => new { row.Issuer, row.Subject }).IsUnique();
        });

        modelBuilder.Entity<MembershipRecord>(membership =>
        {
            membership.ToTable("memberships").HasKey(row => new { row.UserId, row.ProjectId });
            membership.HasOne<UserRecord>().WithMany().HasForeignKey(row => row.UserId).OnDelete(DeleteBehavior.Cascade);
            membership.HasOne<ProjectRecord>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<InvitationRecord>(invitation =>
        {
            invitation.ToTable("invitations").HasKey(row => row.Id);
            invitation.HasIndex(row => row.Email);
        });

        modelBuilder.Entity<SessionRecord>(session =>
        {
            session.ToTable("sessions").HasKey(row => row.Id);
            session.HasIndex(row => row.SeenAt);
            session.HasOne<UserRecord>().WithMany().HasForeignKey(row => row.UserId).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<EdgeRecord>().ToTable("edges").HasKey(row => row.Id);
        modelBuilder.Entity<RingKeyRecord>().ToTable("ring_keys").HasKey(row => row.Id);
        modelBuilder.Entity<SettingRecord>().ToTable("settings").HasKey(row => row.Name);
        UsageModel.Configure(modelBuilder);
        MemoryModel.Configure(modelBuilder);
    }

    internal sealed class UnixMillisecondsConverter() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(),
        milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
}
