using Cencori.Edge.Settings;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Hosting;

/// <summary>The caller's own address behind proxies: from <c>X-Forwarded-For</c>, as far as known proxies have written it, and from nobody else.</summary>
public static class ForwardedAddresses
{
    /// <summary>Addresses and networks (<c>10.0.0.0/8</c>), separated by commas or spaces. Default none, not even this machine.</summary>
    public const string Setting = "ForwardedHeaders:KnownProxies";

    /// <exception cref="StartupException">A part is neither an address nor a network.</exception>
    public static IServiceCollection AddForwardedAddresses(this IServiceCollection services, IConfiguration configuration)
    {
        var known = NetworkList.Parse(Setting, configuration[Setting]);
        return services.Configure<ForwardedHeadersOptions>(options =>
        {
            // The framework trusts everybody where it is given nobody to trust.
            options.ForwardedHeaders = known.Count == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor;
            options.ForwardLimit = null;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var network in known)
            {
                options.KnownIPNetworks.Add(network);
            }
        });
    }

    /// <summary>Costs a request nothing where no proxy is known.</summary>
    public static void UseForwardedAddresses(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<ForwardedHeadersOptions>>().Value.ForwardedHeaders != ForwardedHeaders.None)
        {
            // Whoever comes by a Unix socket has no address, and so is no proxy that anybody knows; the framework would take it for one.
            app.UseWhen(context => context.Connection.RemoteIpAddress is not null, known => known.UseForwardedHeaders());
        }
    }
}
