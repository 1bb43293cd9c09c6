using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Keys;

/// <summary>
/// Turns the project key into the caller. It refuses nobody: a request without a valid key goes on without a caller, and
/// the route's policy decides what that means.
/// </summary>
public sealed partial class KeyAuthenticationMiddleware(
    RequestDelegate next,
    KeyCache keys,
    ProjectCache projects,
    LastUsedWriter lastUsed,
    DatabaseStartup database,
    TimeProvider time,
    ILogger<KeyAuthenticationMiddleware> logger)
{
    /// <summary>How long a request waits for a database that neither answers nor fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Nobody knows whether the key is good, so it must not be called bad.
    private static readonly EdgeError CannotLookUp = EdgeError.Unavailable("The edge cannot look up API keys at the moment.");

    public Task InvokeAsync(HttpContext context)
    {
        if (!PresentedKey.TryRead(context.Request.Headers, out var text) || !ProjectKey.IsWellFormed(text))
        {
            return next(context);
        }

        if (!database.IsPrepared)
        {
            return context.Refuse(CannotLookUp);
        }

        var caller = FindAsync(KeyHash.Of(text));
        if (!caller.IsCompletedSuccessfully)
        {
            return AwaitAsync(context, caller);
        }

        context.Features.GetRequiredFeature<ICallerFeature>().Caller = caller.Result;
        return next(context);
    }

    private async Task AwaitAsync(HttpContext context, ValueTask<Caller?> finding)
    {
        Caller? caller;
        try
        {
            caller = await finding.AsTask().WaitAsync(Patience, time);
        }
        catch (Exception exception)
        {
            Log.CannotLookUpKey(logger, exception);
            await context.Refuse(CannotLookUp);
            return;
        }

        context.Features.GetRequiredFeature<ICallerFeature>().Caller = caller;
        await next(context);
    }

    private ValueTask<Caller?> FindAsync(KeyHash hash)
    {
        var finding = keys.GetAsync(hash);
        if (!finding.IsCompletedSuccessfully)
        {
            return FindSlowlyAsync(finding);
        }

        var key = finding.Result;
        if (!IsValid(key))
        {
            return new((Caller?)null);
        }

        var project = projects.GetAsync(key.ProjectId);
        return project.IsCompletedSuccessfully ? new(Recognise(key, project.Result)) : JoinAsync(key, project);
    }

    private async ValueTask<Caller?> FindSlowlyAsync(ValueTask<ApiKey?> finding)
    {
        var key = await finding;
        return IsValid(key) ? Recognise(key, await projects.GetAsync(key.ProjectId)) : null;
    }

    private async ValueTask<Caller?> JoinAsync(ApiKey key, ValueTask<ProjectSnapshot?> project) => Recognise(key, await project);

    private bool IsValid([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] ApiKey? key) => key?.IsValidAt(time.GetUtcNow()) == true;

    private Caller? Recognise(ApiKey key, ProjectSnapshot? project)
    {
        if (project is null)
        {
            return null;
        }

        lastUsed.Note(key);
        return new Caller(key, project);
    }

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Error, "An API key could not be looked up.", EventName = "CannotLookUpKey")]
        public static partial void CannotLookUpKey(ILogger logger, Exception exception);
    }
}
