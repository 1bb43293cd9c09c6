using System.Text.RegularExpressions;
using Cencori.Edge.Hosting;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Tests.Architecture;
using Microsoft.Extensions.Configuration;

namespace Cencori.Edge.Tests.Hosting;

/// <summary>An unknown setting stops the start. Otherwise it would have no effect and nobody would notice.</summary>
public partial class KnownSettingsTests
{
    [Theory]
    [InlineData("Limits:MaxRequestBodyByte", "Did you mean 'Limits:MaxRequestBodyBytes'?")]
    [InlineData("limits:max_request_body_bytes", "Did you mean 'Limits:MaxRequestBodyBytes'?")]
    [InlineData("Limits:Foo", "Limits:MaxRequestBodyBytes")]
    [InlineData("Limts:MaxRequestBodyBytes", "Did you mean 'Limits:MaxRequestBodyBytes'?")]
    [InlineData("Admin:Tokne", "Did you mean 'Admin:Token'?")]
    [InlineData("Secret:MasterKey", "Did you mean 'Secrets:MasterKey'?")]
    [InlineData("Redis:Config", "Redis:Configuration")]
    [InlineData("Telemetry:Prometeus:Port", "Did you mean 'Telemetry:Prometheus:Port'?")]
    [InlineData("Egress:AllowedNetworks:0", "Did you mean 'Egress:AllowedNetworks'?")]
    public void An_unknown_setting_is_refused_with_the_nearest_name(string key, string reported)
    {
        var fault = Assert.Throws<StartupException>(() => KnownSettings.RefuseUnknown(With(key))).Message;

        Assert.StartsWith($"{key}: there is no such setting.", fault, StringComparison.Ordinal);
        Assert.Contains(reported, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("recognisable", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ADMIN:TOKEN")]
    [InlineData("drain:graceseconds")]
    [InlineData("Logging:LogLevel:Default")]
    [InlineData("Kestrel:Limits:MaxRequestBodySize")]
    [InlineData("ReverseProxy:Clusters:x:Metadata:Models")] // reported with yarp.json
    [InlineData("TRAIN:EPOCHS")] // of another program
    [InlineData("REDIS")]
    [InlineData("STORAGE_DRIVER")]
    public void Known_settings_and_those_of_other_programs_are_accepted(string key) => KnownSettings.RefuseUnknown(With(key));

    [Fact]
    public void The_README_lists_every_setting_and_no_other()
    {
        var table = File.ReadAllLines(Path.Combine(Path.GetDirectoryName(FolderTests.Root)!, "docs", "settings.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|')[1]);
        var reported = table.SelectMany(cell => Setting().Matches(cell).Select(match => match.Groups[1].Value))
            .Where(name => KnownSettings.Roots.Contains(KnownSettings.RootOf(name))).ToList();

        Assert.Equal(KnownSettings.Names, reported.Order(StringComparer.Ordinal));
    }

    private static IConfiguration With(string key) => new ConfigurationBuilder().AddInMemoryCollection([new(key, "recognisable")]).Build();

    [GeneratedRegex("`([A-Z][A-Za-z]*(?::[A-Z][A-Za-z]*)*)`")]
    private static partial Regex Setting();
}
