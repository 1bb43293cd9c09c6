namespace Cencori.Edge.Hosting;

/// <summary>Asks the edge on this machine whether it answers. Exit code 0 for yes.</summary>
public static class HealthProbe
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(IConfiguration configuration)
    {
        using var client = new HttpClient { Timeout = Timeout };
        try
        {
            using var response = await client.GetAsync(new Uri(Address(configuration), HealthApi.Path));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or UriFormatException)
        {
            await Console.Error.WriteLineAsync($"The edge does not answer: {exception.Message}");
            return 1;
        }
    }

    /// <summary>Where an edge with this configuration can be reached from its own machine.</summary>
    /// <exception cref="UriFormatException">The settings name no address.</exception>
    public static Uri Address(IConfiguration configuration) => new(AddressText(configuration));

    /// <summary>Likewise, as it was set: whether it is an address or not.</summary>
    public static string AddressText(IConfiguration configuration)
    {
        var url = configuration["urls"] is { Length: > 0 } urls
            ? urls.Split(';')[0]
            : $"http://localhost:{(configuration["http_ports"] is { Length: > 0 } ports ? ports.Split(';')[0] : "8080")}";
        return Reachable(url);
    }

    /// <summary>An address to listen on as one to call from the same machine: "every interface" is no host to connect to.</summary>
    public static string Reachable(string url) =>
        url.Replace("://*", "://localhost").Replace("://+", "://localhost").Replace("://0.0.0.0", "://localhost").Replace("://[::]", "://localhost");
}
