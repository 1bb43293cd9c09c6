using Cencori.Edge.Dashboard;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Hosting;

/// <summary>
/// Separate addresses for the administration and the dashboard: <c>Admin:Urls</c>. With the setting, those addresses serve only them and the
/// health endpoints, and the other addresses do not serve them. Without it, the administration is at the addresses of the data plane.
/// </summary>
public static class AdminListener
{
    /// <summary>Addresses as in <c>Urls</c>, separated by semicolons. Each needs a port that no address of <c>Urls</c> uses. Default: none.</summary>
    public const string Setting = "Admin:Urls";

    /// <summary>The configured addresses; empty when the administration has none of its own.</summary>
    public static IReadOnlyList<string> Addresses(IConfiguration configuration) => EdgeHost.Split(configuration[Setting]);

    /// <param name="configuration">The edge's configuration.</param>
    /// <param name="others">The addresses of the data plane.</param>
    /// <exception cref="StartupException">An address is invalid, or its port is used elsewhere.</exception>
    public static void RefuseWrongSettings(IConfiguration configuration, IEnumerable<string> others)
    {
        var taken = others.Select(PortOf).ToHashSet();
        foreach (var address in Addresses(configuration))
        {
            // The local port tells which listener a request came to, so ports must differ. Port 0 means any free port.
            if (BindingAddress.Parse(address).IsUnixPipe || (PortOf(address) is not 0 and var port && taken.Contains(port)))
            {
                throw new StartupException($"{Setting}: '{address}' must have a port of its own: no address of Urls may use it.");
            }
        }

        if (Addresses(configuration).Count > 0 && configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            throw new StartupException($"{Setting}: it cannot be combined with Kestrel:Endpoints. Use Urls instead of Kestrel:Endpoints.");
        }
    }

    /// <summary>Adds no middleware, and so no cost, when <c>Admin:Urls</c> is not set.</summary>
    public static void UseAdminListener(this WebApplication app)
    {
        var count = Addresses(app.Configuration).Count;
        if (count == 0)
        {
            return;
        }

        // The admin addresses are bound last. Until every address is bound, administration requests are refused.
        int[] ports = [];
        app.Lifetime.ApplicationStarted.Register(() =>
            ports = [.. app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.TakeLast(count).Select(PortOf)]);
        app.Use((context, next) =>
            ports.Contains(context.Connection.LocalPort) == BelongsThere(context) || IsHealth(context.Request.Path)
                ? next(context)
                : context.Refuse(new EdgeError(ErrorKind.NotFound, "There is nothing at this path.")));
    }

    private static bool BelongsThere(HttpContext context) => 
        Exchange.Of(context).Endpoint.Operation is Operation.Administration or Operation.Dashboard || RootRedirect.IsAsked(context.Request);

    private static bool IsHealth(PathString path) => path == ReadinessApi.LivePath || path == ReadinessApi.ReadyPath || path == HealthApi.Path;

    private static int PortOf(string address) => BindingAddress.Parse(address).Port;
}
