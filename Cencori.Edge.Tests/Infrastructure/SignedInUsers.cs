using Cencori.Edge.Dashboard.Sessions;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>Users of every role with a session, for tests that are not about how they got it.</summary>
public static class SignedInUsers
{
    /// <summary>A new user's browser.</summary>
    public static async Task<PageClient> OfAsync(RunningEdge edge, UserRole role, params string[] projectIds)
    {
        var id = $"usr_{Guid.NewGuid():N}";
        await using (var database = await edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync())
        {
            database.Users.Add(new UserRecord { Id = id, Issuer = "https://login.example.com", Subject = id, Name = $"some {role}", Role = role, CreatedAt = TimeProvider.System.GetUtcNow() });
            database.Memberships.AddRange(projectIds.Select(project => new MembershipRecord { UserId = id, ProjectId = project }));
            await database.SaveChangesAsync();
        }

        var context = new DefaultHttpContext();
        await edge.Services.GetRequiredService<SessionStore>().BeginAsync(context, id);
        var cookie = SetCookieHeaderValue.Parse(context.Response.Headers.SetCookie.ToString());
        var client = new PageClient(edge.Address) { UserId = id };
        client.Cookies.Add(edge.Address, new System.Net.Cookie(cookie.Name.ToString(), cookie.Value.ToString()));
        return client;
    }
}
