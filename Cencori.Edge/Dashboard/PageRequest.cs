using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Errors;
using Cencori.Edge.Settings;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Antiforgery;

namespace Cencori.Edge.Dashboard;

/// <summary>The context of a page request, filled in by <see cref="PageMiddleware"/>.</summary>
public sealed class PageRequest
{
    private readonly HttpContext _context;

    internal PageRequest(HttpContext context, SignedIn? user, PageProject? project) => (_context, SignedIn, KnownProject) = (context, user, project);

    public HttpContext Context => _context;

    /// <summary>The signed-in user. Null: nobody is signed in, and the page is public.</summary>
    public SignedIn? SignedIn { get; }

    /// <exception cref="InvalidOperationException">Nobody is signed in: the page is public.</exception>
    public SignedIn User => SignedIn ?? throw new InvalidOperationException("Nobody is signed in.");

    /// <summary>The project in the path. Null: the page is about no project.</summary>
    public PageProject? KnownProject { get; }

    /// <exception cref="InvalidOperationException">The route has no <c>{slug}</c>.</exception>
    public PageProject Project => KnownProject ?? throw new InvalidOperationException("This page is about no project.");

    public AuditActor Actor => User.Actor(_context);

    public CancellationToken Aborted => _context.RequestAborted;

    /// <summary>The environment filter; null: all environments.</summary>
    public KeyEnvironment? Environment => SnakeCaseEnums.Find<KeyEnvironment>(_context.Request.Query["env"]);

    /// <summary>Returns the posted form. <see cref="FormCheck"/> has checked its token before.</summary>
    /// <exception cref="RefusedException">The body is no form, or a field contains a null character, which no database stores.</exception>
    public async Task<IFormCollection> FormAsync()
    {
        if (!_context.Request.HasFormContentType)
        {
            throw new RefusedException(EdgeError.Invalid("The body must be a form.", "form"));
        }

        var form = await _context.Request.ReadFormAsync(Aborted);
        return form.FirstOrDefault(field => field.Value.Any(value => value?.Contains('\0', StringComparison.Ordinal) == true)).Key is { } wrong
            ? throw new RefusedException(EdgeError.Invalid("Remove the null characters from this field.", wrong))
            : form;
    }

    /// <summary>Creates the frame of a page.</summary>
    /// <param name="title">The page's heading.</param>
    /// <param name="section">The page's section in the navigation.</param>
    public Frame Frame(string title, Section section)
    {
        var services = _context.RequestServices;
        var tokens = services.GetRequiredService<IAntiforgery>().GetAndStoreTokens(_context);
        return new Frame
        {
            Title = title,
            Section = section,
            SignedIn = SignedIn,
            Project = KnownProject,
            Environment = Environment,
            FormField = tokens.FormFieldName,
            FormToken = tokens.RequestToken!,
            Viewer = Viewer.Of(_context.Request, services.GetRequiredService<TimeProvider>()),
            Notice = Notices.Text(_context.Request.Query["done"]),
            Address = _context.Request.Path + _context.Request.QueryString,
            Assets = services.GetRequiredService<AssetFiles>().Base,
        };
    }

    /// <summary>The response to a completed form: a redirect, so that a reload does not repeat the action.</summary>
    /// <param name="path">A path of this site, from its root.</param>
    /// <param name="done">The message that the target page shows: a word of <see cref="Notices"/>. Null: none.</param>
    public static IResult RedirectTo(string path, string? done = null) =>
        new SeeOther(done is null ? path : $"{path}{(path.Contains('?') ? '&' : '?')}done={done}");

    /// <summary>Binds a handler's parameter of this type.</summary>
    public static ValueTask<PageRequest?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<PageRequest>());

    private sealed class SeeOther(string path) : IResult
    {
        public Task ExecuteAsync(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = path;
            return Task.CompletedTask;
        }
    }
}
