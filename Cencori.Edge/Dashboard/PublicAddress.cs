using System.Net;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Dashboard;

/// <summary>Where callers reach the edge: what snippets and <c>.env</c> files tell them, which is never an address of the administration.</summary>
internal sealed class PublicAddress(IConfiguration configuration, IServer server)
{
    /// <summary>Such as <c>https://edge.example.com</c>. Default: what the browser asked for; with addresses of the administration's own, the first of <c>Urls</c>.</summary>
    public const string Setting = "PublicUrl";

    private const string AdministrationSetting = "Admin:Urls";

    /// <exception cref="StartupException">It is no address.</exception>
    public static void RefuseWrongSetting(IConfiguration configuration)
    {
        if (configuration[Setting] is { Length: > 0 } set && !(Uri.TryCreate(set, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { Query: "", Fragment: "", UserInfo: "" }))
        {
            throw new StartupException($"{Setting} must be an address such as https://edge.example.com.");
        }
    }

    /// <summary>Without a slash at its end, and without <c>/v1</c>.</summary>
    public string Of(HttpRequest request)
    {
        if (configuration[Setting] is { Length: > 0 } set)
        {
            var url = set.TrimEnd('/');
            return url.EndsWith("/v1", StringComparison.Ordinal) ? url[..^3] : url;
        }

        return string.IsNullOrEmpty(configuration[AdministrationSetting]) ? $"{request.Scheme}://{request.Host}" : FirstOfOthers(request);
    }

    // They are bound in the order of the settings, and those of the administration are the last.
    private string FirstOfOthers(HttpRequest request)
    {
        var address = BindingAddress.Parse(server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

        if (address.IsUnixPipe)
        {
            return $"{request.Scheme}://{request.Host.Host}";
        }

        // Whoever listens everywhere has no name of its own, and the one that reached the dashboard reaches the rest too.
        var isAnywhere = address.Host is "*" or "+" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));
        return new UriBuilder(address.Scheme, isAnywhere ? request.Host.Host : address.Host, address.Port).Uri.GetLeftPart(UriPartial.Authority);
    }
}
