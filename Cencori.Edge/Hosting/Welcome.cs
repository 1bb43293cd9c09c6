using Cencori.Edge.Admin;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Keys;
using Cencori.Edge.Metering;
using Cencori.Edge.Storage.Moves;
using Cencori.Edge.Storage.Startup;

namespace Cencori.Edge.Hosting;

/// <summary>Prepares the database. On the first start, prints the admin token and a test key once.</summary>
/// <param name="AdminToken">The admin token that this start has generated; null: this start generated none.</param>
/// <param name="TestKey">The test key that this start has generated; null: none, because a project already existed.</param>
public sealed record Welcome(string? AdminToken, string? TestKey)
{
    /// <returns>Null: the database is unavailable. The edge should listen anyway and then call <see cref="PrepareLateAsync"/>.</returns>
    /// <exception cref="StartupException">The edge cannot start with these settings.</exception>
    public static async Task<Welcome?> PrepareAsync(IServiceProvider services) =>
        await WarmAsync(services, await services.GetRequiredService<DatabaseStartup>().PrepareAsync(() => FillAsync(services)));

    /// <returns>A task that completes when the database is available. Its result is null when the edge stops before that.</returns>
    public static async Task<Welcome?> PrepareLateAsync(IServiceProvider services, CancellationToken stopping) =>
        await WarmAsync(services, await services.GetRequiredService<DatabaseStartup>().PrepareLateAsync(() => FillAsync(services), stopping));

    /// <summary>Writes the secrets and the edge's addresses to the console, and not to the log, which must contain no secrets.</summary>
    /// <param name="address">The edge's URL from its own machine.</param>
    /// <param name="listens">True: this edge listens at that address.</param>
    /// <param name="dashboard">The dashboard's URL; null: it is disabled.</param>
    public void Print(string address, bool listens, string? dashboard)
    {
        if (AdminToken is not null)
        {
            Console.WriteLine($"\nAdmin token (shown once):  {AdminToken}");
            if (dashboard is not null)
            {
                Console.WriteLine($"Sign in with it at         {dashboard}");
            }
        }

        if (TestKey is not null)
        {
            Console.WriteLine($"Test key (shown once):     {TestKey}");
        }

        if (TestKey is not null && listens)
        {
            // Loads the tokenizer's vocabulary now, which takes a moment: the user will probably run the curl command below soon.
            _ = Task.Run(TextTokens.Warm);
            Console.WriteLine($$"""

                Try it:

                curl {{address}}/v1/chat/completions -H "Authorization: Bearer {{TestKey}}" -H "Content-Type: application/json" -d '{"model":"gpt-4o","messages":[{"role":"user","content":"Hello!"}]}'

                """);
        }
    }

    /// <summary>Leaves the secrets out.</summary>
    public override string ToString() => nameof(Welcome);

    private static async Task<Welcome?> WarmAsync(IServiceProvider services, Welcome? prepared)
    {
        if (prepared is not null)
        {
            await services.GetRequiredService<FirstLookup>().TryRunAsync();
        }

        return prepared;
    }

    private static async Task<Welcome> FillAsync(IServiceProvider services)
    {
        await services.GetRequiredService<StorageSwitch>().CheckAsync();
        return new(await services.GetRequiredService<AdminToken>().LoadAsync(), await services.GetRequiredService<FirstStart>().RunAsync());
    }
}
