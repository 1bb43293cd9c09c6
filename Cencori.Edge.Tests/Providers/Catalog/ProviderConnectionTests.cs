using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cencori.Edge.Providers.Catalog;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Tests.Providers.Catalog;

/// <summary>A provider behind a proxy, or with a certificate of the operator's own authority.</summary>
public sealed class ProviderConnectionTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("Proxy", "None", false)]
    [InlineData("Proxy", "http://proxy.example:3128", false)]
    [InlineData("Proxy", "socks5://proxy.example:1080", false)]
    [InlineData("Proxy", "http://user:recognisable@proxy.example:3128", false)]
    [InlineData("Proxy", "proxy.example:3128", true)]
    [InlineData("Proxy", "ftp://user:recognisable@proxy.example", true)]
    [InlineData("CaFile", "/no/such/file", true)]
    [InlineData("CaFile", "", false)]
    public void An_invalid_value_is_reported_without_showing_it(string key, string value, bool isWrong)
    {
        var faults = ProviderConnection.Check(new Dictionary<string, string> { [key] = value }).ToList();

        Assert.Equal(isWrong ? 1 : 0, faults.Count);
        Assert.All(faults, fault => Assert.StartsWith(key, fault, StringComparison.Ordinal));
        Assert.DoesNotContain("recognisable", string.Join(' ', faults), StringComparison.Ordinal);
    }

    [Fact]
    public void A_CaFile_without_certificates_is_a_fault()
    {
        File.WriteAllText(_file, "no certificate");
        Assert.Single(ProviderConnection.Check(CaFile()));
    }

    [Fact]
    public void New_connections_are_made_when_the_proxy_or_the_CaFile_has_changed()
    {
        Assert.True(ProviderConnection.IsSame(null, new Dictionary<string, string> { ["Models"] = "x" }));
        Assert.False(ProviderConnection.IsSame(null, CaFile()));
        Assert.False(ProviderConnection.IsSame(new Dictionary<string, string> { ["Proxy"] = "None" }, new Dictionary<string, string> { ["Proxy"] = "http://proxy.example" }));
    }

    [Fact]
    public async Task The_operators_own_authority_is_trusted_for_its_provider_and_only_for_the_right_host_name()
    {
        using var authority = Authority();
        await File.WriteAllTextAsync(_file, authority.ExportCertificatePem());
        await using var right = await ServerAsync(authority, "localhost");
        await using var wrong = await ServerAsync(authority, "other.example");

        Assert.Equal("hi", await AskAsync(right, CaFile()));
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(right, null));
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(wrong, CaFile()));
    }

    private static async Task<string> AskAsync(WebApplication server, Dictionary<string, string>? metadata)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        ProviderConnection.Apply(metadata, handler);
        using var client = new HttpClient(handler);
        return await client.GetStringAsync(new UriBuilder(server.Urls.First()) { Host = "localhost" }.Uri);
    }

    private static async Task<WebApplication> ServerAsync(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, authority.NotBefore, authority.NotAfter, [1, 2, 3]);
        var certificate = X509CertificateLoader.LoadPkcs12(signed.CopyWithPrivateKey(key).Export(X509ContentType.Pkcs12), null);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        builder.Logging.ClearProviders();
        var server = builder.Build();
        server.Run(context => context.Response.WriteAsync("hi"));
        await server.StartAsync();
        return server;
    }

    private static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private Dictionary<string, string> CaFile() => new() { ["CaFile"] = _file };
}
