using System.Net;
using Cencori.Edge.Storage.Startup;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Dashboard;

/// <summary>Finds the URL at which callers reach the edge, for code samples and <c>.env</c> files. This is never an address of the administration.</summary>
internal sealed class PublicAddress(IConfiguration configuration, IServer server)
{
    /// <summary>Name of the setting with this URL. Default: the host in the browser's request; with <c>Admin:Urls</c>, the first address of <c>Urls</c>.</summary>
    public const string Setting = "PublicUrl";

    private const string AdministrationSetting = "Admin:Urls";

    /// <exception cref="StartupException">The setting is not a valid address.</exception>
    public static void RefuseWrongSetting(IConfiguration configuration)
    {
        if (configuration[Setting] is { Length: > 0 } set && !(Uri.TryCreate(set, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { Query: "", Fragment: "", UserInfo: "" }))
        {
            throw new StartupException($"{Setting} must be an address such as https://edge.example.com.");
        }
    }

    /// <summary>Returns the URL, without a trailing slash and without <c>/v1</c>.</summary>
    public string Of(HttpRequest request)
    {
        if (configuration[Setting] is { Length: > 0 } set)
        {
            var url = set.TrimEnd('/');
            return url.EndsWith("/v1", StringComparison.Ordinal) ? url[..^3] : url;
        }

        return string.IsNullOrEmpty(configuration[AdministrationSetting]) ? $"{request.Scheme}://{request.Host}" : FirstOfOthers(request);
    }

    // The first address of the data plane: addresses are bound in the order of the settings, and those of the administration last.
    private string FirstOfOthers(HttpRequest request)
    {
        var address = BindingAddress.Parse(server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

        if (address.IsUnixPipe)
        {
            return $"{request.Scheme}://{request.Host.Host}";
        }

        // A wildcard address has no host name. The host name of the browser's request also reaches the data plane.
        var isAnywhere = address.Host is "*" or "+" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));
        return new UriBuilder(address.Scheme, isAnywhere ? request.Host.Host : address.Host, address.Port).Uri.GetLeftPart(UriPartial.Authority);
    }
}
