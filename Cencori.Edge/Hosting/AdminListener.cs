using Cencori.Edge.Dashboard;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Storage.Startup;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Hosting;

/// <summary>
/// Serves the administration and the dashboard at addresses of their own, if the setting <c>Admin:Urls</c> names any. These addresses then serve only the
/// administration, the dashboard and the health endpoints. The other addresses serve neither the administration nor the dashboard. Without the setting,
/// each address serves everything.
/// </summary>
public static class AdminListener
{
    /// <summary>Name of the setting with addresses as in <c>Urls</c>, separated by semicolons. Each needs a port that no address of <c>Urls</c> uses. Default: none.</summary>
    public const string Setting = "Admin:Urls";

    /// <summary>The addresses of the setting; empty when it is not set.</summary>
    public static IReadOnlyList<string> Addresses(IConfiguration configuration) => EdgeHost.Split(configuration[Setting]);

    /// <param name="configuration">The edge's configuration.</param>
    /// <param name="others">The addresses of the data plane.</param>
    /// <exception cref="StartupException">An address is invalid, or an address of the data plane uses the same port.</exception>
    public static void RefuseWrongSettings(IConfiguration configuration, IEnumerable<string> others)
    {
        var taken = others.Select(PortOf).ToHashSet();
        foreach (var address in Addresses(configuration))
        {
            // The edge distinguishes requests by the local port on which they arrived, so ports must differ. Port 0 means any free port.
            if (BindingAddress.Parse(address).IsUnixPipe || (PortOf(address) is not 0 and var port && taken.Contains(port)))
            {
                throw new StartupException($"{Setting}: '{address}' must have a port that no address of Urls uses.");
            }
        }

        if (Addresses(configuration).Count > 0 && configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            throw new StartupException($"{Setting}: this setting cannot be combined with Kestrel:Endpoints. Use Urls instead of Kestrel:Endpoints.");
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

        // Administration requests are refused until every address is bound. The admin addresses are bound last, so they are the last in the list.
        int[] ports = [];
        app.Lifetime.ApplicationStarted.Register(() =>
            ports = [.. app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.TakeLast(count).Select(PortOf)]);
        app.Use((context, next) =>
            ports.Contains(context.Connection.LocalPort) == IsAdminRequest(context) || IsHealth(context.Request.Path)
                ? next(context)
                : context.Refuse(new EdgeError(ErrorKind.NotFound, "There is nothing at this path.")));
    }

    private static bool IsAdminRequest(HttpContext context) => 
        Exchange.Of(context).Endpoint.Operation is Operation.Administration or Operation.Dashboard || RootRedirect.AppliesTo(context.Request);

    private static bool IsHealth(PathString path) => path == ReadinessApi.LivePath || path == ReadinessApi.ReadyPath || path == HealthApi.Path;

    private static int PortOf(string address) => BindingAddress.Parse(address).Port;
}
