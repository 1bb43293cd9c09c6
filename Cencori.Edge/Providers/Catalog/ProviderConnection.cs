using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cencori.Edge.Egress;

namespace Cencori.Edge.Providers.Catalog;

/// <summary>Settings of the connections to a provider, read from the cluster's metadata: the proxy, and the certificate authorities that are trusted.</summary>
public static class ProviderConnection
{
    /// <summary>The proxy's address, with <c>user:password@</c> if the proxy requires them, or <c>None</c>. Default: the proxy of the environment variables.</summary>
    public const string ProxyKey = "Proxy";

    /// <summary>A PEM file with certificates of authorities that are trusted in addition to those of the machine. Default: none.</summary>
    public const string CaFileKey = "CaFile";

    private const string NoProxy = "None";

    private static readonly string[] ProxySchemes = ["http", "https", "socks4", "socks4a", "socks5"];

    /// <summary>Returns one sentence for each fault. No sentence shows a proxy's password.</summary>
    public static IEnumerable<string> Check(IReadOnlyDictionary<string, string>? metadata)
    {
        if (Read(metadata, ProxyKey) is { } proxy && !IsNone(proxy) && AddressOf(proxy) is null)
        {
            yield return $"{ProxyKey} must be {NoProxy} or an address such as http://proxy.example:3128.";
        }

        if (Read(metadata, CaFileKey) is { } file && TryLoad(file) is null)
        {
            yield return $"{CaFileKey} cannot be read, or holds no PEM certificate.";
        }
    }

    /// <summary>Compares the metadata before and after a change. False: the change needs new connections.</summary>
    public static bool IsSame(IReadOnlyDictionary<string, string>? before, IReadOnlyDictionary<string, string>? now) =>
        Read(before, ProxyKey) == Read(now, ProxyKey) && Read(before, CaFileKey) == Read(now, CaFileKey);

    /// <summary>Applies the proxy and the certificate authorities to the handler of a provider's connections.</summary>
    /// <param name="metadata">The cluster's metadata, which must have passed <see cref="Check"/>.</param>
    /// <param name="handler">Already set up by YARP. A proxy that YARP has set stays, unless the metadata name one.</param>
    public static void Apply(IReadOnlyDictionary<string, string>? metadata, SocketsHttpHandler handler)
    {
        if (Read(metadata, ProxyKey) is { } proxy)
        {
            handler.Proxy = AddressOf(proxy) is { } address ? new WebProxy(address) { Credentials = CredentialsOf(address) } : null;
            handler.UseProxy = handler.Proxy is not null;
        }
        else if (!handler.UseProxy)
        {
            EnvironmentProxy.Use(handler);
        }

        if (Read(metadata, CaFileKey) is { } file && TryLoad(file) is { } authorities && handler.SslOptions.RemoteCertificateValidationCallback is null)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => errors == SslPolicyErrors.None
                || (errors == SslPolicyErrors.RemoteCertificateChainErrors && IsSignedBy(authorities, certificate, chain));
        }
    }

    private static bool IsSignedBy(X509Certificate2Collection authorities, X509Certificate? certificate, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        if (sent is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainElements.Select(element => element.Certificate).ToArray());
        }

        return certificate is X509Certificate2 shown && chain.Build(shown);
    }

    private static X509Certificate2Collection? TryLoad(string file)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(file);
            return certificates.Count > 0 ? certificates : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private static Uri? AddressOf(string proxy) =>
        !IsNone(proxy) && Uri.TryCreate(proxy, UriKind.Absolute, out var address) && ProxySchemes.Contains(address.Scheme) && address.Host.Length > 0 ? address : null;

    private static NetworkCredential? CredentialsOf(Uri address)
    {
        var parts = address.UserInfo.Split(':', 2);
        return parts[0].Length == 0 ? null : new(Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts.Length == 2 ? parts[1] : ""));
    }

    private static bool IsNone(string proxy) => proxy.Equals(NoProxy, StringComparison.OrdinalIgnoreCase);

    private static string? Read(IReadOnlyDictionary<string, string>? metadata, string key) => metadata?.GetValueOrDefault(key) is { Length: > 0 } value ? value : null;
}
