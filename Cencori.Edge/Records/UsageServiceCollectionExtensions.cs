using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Spool;
using Cencori.Edge.Records.Sql;

namespace Cencori.Edge.Records;

public static class UsageServiceCollectionExtensions
{
    public static IServiceCollection AddUsage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<UsageOptions>()
            .Bind(configuration.GetSection(UsageOptions.Section))
            .Validate(options => Enum.IsDefined(options.Durability), $"{UsageOptions.Section}:{nameof(UsageOptions.Durability)} must be Second or Answer.")
            .Validate(options => options.MaxSpoolBytes >= 0, $"{UsageOptions.Section}:{nameof(UsageOptions.MaxSpoolBytes)} must not be negative.")
            .Validate(options => options.RecordRetentionDays is > 0 and <= 3_660, $"{UsageOptions.Section}:{nameof(UsageOptions.RecordRetentionDays)} must be 1 to 3660 days.")
            .Validate(options => options.PayloadRetentionDays is > 0 and <= 3_660, $"{UsageOptions.Section}:{nameof(UsageOptions.PayloadRetentionDays)} must be 1 to 3660 days.")
            .Validate(options => options.RollupRetentionMonths is > 0 and <= 120, $"{UsageOptions.Section}:{nameof(UsageOptions.RollupRetentionMonths)} must be 1 to 120 months.")
            .ValidateOnStart();
        services.AddSingleton<RecordMeters>();
        services.AddSingleton<RecordStore>();
        services.AddSingleton<SpoolReplay>();
        services.AddSingleton<RecordWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<RecordWriter>());
        services.AddSingleton<ThrottledFlush>();
        services.AddSingleton<StoredPayloads>();
        services.AddSingleton<PayloadWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<PayloadWriter>());
        services.AddSingleton<RollupMerge>();
        services.AddSingleton<RollupDays>();
        services.AddSingleton<Retention>();
        services.AddHostedService(provider => provider.GetRequiredService<Retention>());
        return services;
    }
}
