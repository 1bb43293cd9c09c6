using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    [DbContext(typeof(SqliteEdgeDbContext))]
    [Migration("20261129054612_SeveralCredentials")]
    public class SeveralCredentials : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "provider_keys_new",
                columns: table => new
                {
                    ProjectId = table.Column<string>(type: "TEXT", nullable: false),
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    Provider = table.Column<string>(type: "TEXT", nullable: false),
                    Environment = table.Column<string>(type: "TEXT", nullable: false),
                    Name = table.Column<string>(type: "TEXT", nullable: false),
                    SealedKey = table.Column<byte[]>(type: "BLOB", nullable: false),
                    SealKeyId = table.Column<string>(type: "TEXT", nullable: false),
                    Hint = table.Column<string>(type: "TEXT", nullable: false),
                    BaseUrl = table.Column<string>(type: "TEXT", nullable: true),
                    Weight = table.Column<int>(type: "INTEGER", nullable: false),
                    Rank = table.Column<int>(type: "INTEGER", nullable: false),
                    Models = table.Column<string>(type: "TEXT", nullable: true),
                    IsEnabled = table.Column<bool>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_provider_keys", x => new { x.ProjectId, x.Id });
                    table.ForeignKey(
                        name: "FK_provider_keys_projects_ProjectId",
                        column: x => x.ProjectId,
                        principalTable: "projects",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.Sql(
                """
                INSERT INTO "provider_keys_new" ("ProjectId", "Id", "Provider", "Environment", "Name", "SealedKey", "SealKeyId", "Hint", "BaseUrl", "Weight", "Rank", "IsEnabled", "CreatedAt")
                SELECT "ProjectId", 'cr_' || lower(hex(randomblob(16))), "Provider", "Environment", 'default', "SealedKey", "SealKeyId", "Hint", "BaseUrl", 1, 0, 1, "CreatedAt" FROM "provider_keys"
                """);

            // See CredentialSeals.
            migrationBuilder.Sql("""INSERT INTO "settings" ("Name", "Value") SELECT 'old_credential_seals', '' WHERE EXISTS (SELECT 1 FROM "provider_keys")""");

            migrationBuilder.DropTable(
                name: "provider_keys");

            migrationBuilder.RenameTable(
                name: "provider_keys_new",
                newName: "provider_keys");

            migrationBuilder.CreateIndex(
                name: "IX_provider_keys_ProjectId_Provider_Environment_Name",
                table: "provider_keys",
                columns: new[] { "ProjectId", "Provider", "Environment", "Name" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "provider_keys_old",
                columns: table => new
                {
                    ProjectId = table.Column<string>(type: "TEXT", nullable: false),
                    Provider = table.Column<string>(type: "TEXT", nullable: false),
                    Environment = table.Column<string>(type: "TEXT", nullable: false),
                    SealedKey = table.Column<byte[]>(type: "BLOB", nullable: false),
                    SealKeyId = table.Column<string>(type: "TEXT", nullable: false),
                    Hint = table.Column<string>(type: "TEXT", nullable: false),
                    BaseUrl = table.Column<string>(type: "TEXT", nullable: true),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_provider_keys", x => new { x.ProjectId, x.Provider, x.Environment });
                    table.ForeignKey(
                        name: "FK_provider_keys_projects_ProjectId",
                        column: x => x.ProjectId,
                        principalTable: "projects",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.Sql(
                """
                INSERT INTO "provider_keys_old" ("ProjectId", "Provider", "Environment", "SealedKey", "SealKeyId", "Hint", "BaseUrl", "CreatedAt")
                SELECT "ProjectId", "Provider", "Environment", "SealedKey", "SealKeyId", "Hint", "BaseUrl", "CreatedAt" FROM "provider_keys" WHERE "Name" = 'default'
                """);

            migrationBuilder.DropTable(
                name: "provider_keys");

            migrationBuilder.RenameTable(
                name: "provider_keys_old",
                newName: "provider_keys");
        }
    }
}
