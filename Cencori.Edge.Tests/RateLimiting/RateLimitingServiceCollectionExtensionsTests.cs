using System.Globalization;
using System.Threading.RateLimiting;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.RateLimiting.Redis;
using Cencori.Edge.Redis;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Tests.RateLimiting;

/// <summary>How settings configure the limiter.</summary>
public sealed class RateLimitingServiceCollectionExtensionsTests
{
    [Theory]
    [InlineData("OnRedisFailure", "7", "RateLimiting:OnRedisFailure must be Local, Allow or Deny.")]
    [InlineData("RedisTimeout", "00:00:00", "RateLimiting:RedisTimeout must be longer than zero and at most one minute.")]
    [InlineData("RedisTimeout", "-00:00:01", "RateLimiting:RedisTimeout must be longer than zero and at most one minute.")]
    [InlineData("RedisTimeout", "00:01:00.0000001", "RateLimiting:RedisTimeout must be longer than zero and at most one minute.")]
    [InlineData("RedisTimeout", "50.00:00:00", "RateLimiting:RedisTimeout must be longer than zero and at most one minute.")]
    public async Task An_invalid_setting_is_refused_with_its_name(string name, string value, string expected)
    {
        await using var services = Build(new LogRecorder(), ($"RateLimiting:{name}", value));
        Assert.Equal(expected, Assert.Throws<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate).Message);
    }

    [Theory]
    [InlineData("00:00:00.0000001")]
    [InlineData("00:01:00")]
    public async Task Settings_are_read(string timeout)
    {
        await using var services = Build(new LogRecorder(), ("RateLimiting:OnRedisFailure", "deny"), ("RateLimiting:RedisTimeout", timeout));
        services.GetRequiredService<IStartupValidator>().Validate();
        var options = services.GetRequiredService<IOptions<RateLimitingOptions>>().Value;
        Assert.Equal((RedisFailureMode.Deny, TimeSpan.Parse(timeout, CultureInfo.InvariantCulture)), (options.OnRedisFailure, options.RedisTimeout));
    }

    [Fact]
    public async Task Without_Redis_limits_are_in_memory()
    {
        await using var services = Build(new LogRecorder());
        Assert.IsType<MemoryRateLimiter>(services.GetRequiredService<PartitionedRateLimiter<RateLimitCost>>());
        Assert.Same(services.GetRequiredService<PartitionedRateLimiter<RateLimitCost>>(), services.GetRequiredService<ILimitLevels>());
        Assert.NotNull(services.GetRequiredService<RequestLimiter>());
        Assert.Null(services.GetService<RedisLimits>());
    }

    [Fact]
    public async Task With_Redis_limits_are_there_and_an_outage_logs_the_setting_that_applies_instead()
    {
        var logs = new LogRecorder();
        await using var services = Build(logs, ("Redis:Configuration", "127.0.0.1:1"), ("RateLimiting:OnRedisFailure", "Allow"));
        var limiter = Assert.IsType<RedisRateLimiter>(services.GetRequiredService<PartitionedRateLimiter<RateLimitCost>>());
        Assert.Same(limiter, services.GetRequiredService<ILimitLevels>());
        Assert.Contains(services.GetServices<IHostedService>(), service => service is RedisLimiterStart);
        limiter.Dispose();

        services.GetRequiredService<RedisAvailability>().MarkUnavailable(new TimeoutException(), "p");
        Assert.StartsWith(
            "Limits are not enforced through Redis any more (Redis does not answer in time); RateLimiting:OnRedisFailure=Allow applies.", Assert.Single(logs.Lines, line => line.EventName == "RedisLost").Text, StringComparison.Ordinal);
    }

    private static ServiceProvider Build(LogRecorder logs, params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build();
        return new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddMetrics()
            .AddLogging(logging => logging.AddProvider(logs))
            .AddRedis(configuration)
            .AddRateLimiting(configuration)
            .BuildServiceProvider();
    }
}
