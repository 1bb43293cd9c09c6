PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY,
    "Timestamp" TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS "__EFMigrationsHistory" (
    "MigrationId" TEXT NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY,
    "ProductVersion" TEXT NOT NULL
);
INSERT INTO __EFMigrationsHistory VALUES('20261128071336_Initial','10.0.15');
CREATE TABLE IF NOT EXISTS "key_spend" (
    "ProjectId" TEXT NOT NULL,
    "KeyId" TEXT NOT NULL,
    "Month" INTEGER NOT NULL,
    "WriterId" INTEGER NOT NULL,
    "Picodollars" INTEGER NOT NULL,
    CONSTRAINT "PK_key_spend" PRIMARY KEY ("ProjectId", "KeyId", "Month", "WriterId")
);
INSERT INTO key_spend VALUES('prj_01a2211505a57fe18a22f13b26fa7e35','key_1',682,4561086890944935919,12500000);
CREATE TABLE IF NOT EXISTS "projects" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_projects" PRIMARY KEY,
    "Name" TEXT NOT NULL,
    "Slug" TEXT NOT NULL,
    "DefaultModel" TEXT NULL,
    "DefaultProvider" TEXT NULL,
    "ModelAliases" TEXT NOT NULL,
    "RequestsPerMinute" INTEGER NULL,
    "Burst" INTEGER NULL,
    "TokensPerMinute" INTEGER NULL,
    "ConcurrentRequests" INTEGER NULL,
    "Prices" TEXT NOT NULL DEFAULT ('[]'),
    "LogsPayloads" INTEGER NOT NULL,
    "CreatedAt" INTEGER NOT NULL
);
INSERT INTO projects VALUES('prj_01a22114eb9b754797f63540bcba9a09','default','default',NULL,NULL,'{}',60,60,NULL,NULL,'[]',0,1795851348891);
INSERT INTO projects VALUES('prj_01a2211505a57fe18a22f13b26fa7e35','test project','test-project',NULL,NULL,'{}',77,77,NULL,NULL,'[]',0,1795851355557);
CREATE TABLE IF NOT EXISTS "record_texts" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_record_texts" PRIMARY KEY,
    "Text" TEXT NOT NULL
);
INSERT INTO record_texts VALUES(1,'POST /v1/chat/completions');
INSERT INTO record_texts VALUES(2,'PROVIDER_ERROR');
INSERT INTO record_texts VALUES(3,'abcd');
INSERT INTO record_texts VALUES(4,'key_1');
INSERT INTO record_texts VALUES(5,'openai');
INSERT INTO record_texts VALUES(6,'prj_01a2211505a57fe18a22f13b26fa7e35');
CREATE TABLE IF NOT EXISTS "request_payloads" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_request_payloads" PRIMARY KEY AUTOINCREMENT,
    "ProjectId" TEXT NOT NULL,
    "RequestId" TEXT NOT NULL,
    "StartedAt" INTEGER NOT NULL,
    "SealedRequest" BLOB NULL,
    "IsRequestTruncated" INTEGER NOT NULL,
    "SealedAnswer" BLOB NULL,
    "IsAnswerTruncated" INTEGER NOT NULL,
    "SealKeyId" TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS "request_records" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_request_records" PRIMARY KEY,
    "StartedAt" INTEGER NOT NULL,
    "Picodollars" INTEGER NULL,
    "FirstByteMicroseconds" INTEGER NULL,
    "DurationMicroseconds" INTEGER NOT NULL,
    "ProjectId" INTEGER NOT NULL,
    "KeyId" INTEGER NOT NULL,
    "Endpoint" INTEGER NOT NULL,
    "Provider" INTEGER NULL,
    "CredentialHint" INTEGER NULL,
    "ErrorCode" INTEGER NULL,
    "PromptTokens" INTEGER NOT NULL,
    "CachedTokens" INTEGER NOT NULL,
    "CompletionTokens" INTEGER NOT NULL,
    "EdgeMicroseconds" INTEGER NOT NULL,
    "Environment" INTEGER NOT NULL,
    "Status" INTEGER NOT NULL,
    "Outcome" INTEGER NOT NULL,
    "Retries" INTEGER NOT NULL,
    "IsStream" INTEGER NOT NULL,
    "IsEstimated" INTEGER NOT NULL,
    "RequestId" BLOB NOT NULL,
    "ModelAsked" TEXT NULL,
    "ModelServed" TEXT NULL,
    "Attempts" TEXT NULL,
    "ClientAddress" TEXT NULL,
    "App" TEXT NULL
);
INSERT INTO request_records VALUES(1,1795867200000,12500000,120000,800000,6,4,1,5,3,NULL,12,4,30,90,0,200,0,1,1,1,X'01a22206ca007abc8def0123456789ab','fast','gpt-4o','[{"t":1,"target":"openai/gpt-4o","credential_hint":null,"started":100,"head_us":null,"outcome":"rate_limited","status":429,"cost_usd":null,"estimated":false,"hint_ms":1000}]','2001:db8::1','tests');
INSERT INTO request_records VALUES(2,1795867260000,NULL,120000,800000,6,4,1,NULL,3,2,12,4,30,90,0,200,2,1,1,1,X'612063616c6c65722773206f776e','fast',NULL,NULL,'2001:db8::1','tests');
CREATE TABLE IF NOT EXISTS "settings" (
    "Name" TEXT NOT NULL CONSTRAINT "PK_settings" PRIMARY KEY,
    "Value" TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS "usage_rollups" (
    "Hour" INTEGER NOT NULL,
    "ProjectId" TEXT NOT NULL,
    "Environment" INTEGER NOT NULL,
    "Provider" TEXT NOT NULL,
    "Model" TEXT NOT NULL,
    "WriterId" INTEGER NOT NULL,
    "Requests" INTEGER NOT NULL,
    "Success" INTEGER NOT NULL,
    "Errors" INTEGER NOT NULL,
    "Filtered" INTEGER NOT NULL,
    "RateLimited" INTEGER NOT NULL,
    "Cancelled" INTEGER NOT NULL,
    "PromptTokens" INTEGER NOT NULL,
    "CachedTokens" INTEGER NOT NULL,
    "CompletionTokens" INTEGER NOT NULL,
    "Picodollars" INTEGER NOT NULL,
    "Unpriced" INTEGER NOT NULL,
    "LatencyMicroseconds" INTEGER NOT NULL,
    "Latencies" BLOB NOT NULL,
    CONSTRAINT "PK_usage_rollups" PRIMARY KEY ("ProjectId", "Environment", "Hour", "Provider", "Model", "WriterId")
);
INSERT INTO usage_rollups VALUES(498852,'prj_01a2211505a57fe18a22f13b26fa7e35',0,'openai','gpt-4o',4561086890944935919,1,1,0,0,0,0,12,4,30,12500000,0,800000,X'da0201');
INSERT INTO usage_rollups VALUES(498852,'prj_01a2211505a57fe18a22f13b26fa7e35',0,'','',4561086890944935919,1,0,1,0,0,0,12,4,30,0,1,0,X'');
CREATE TABLE IF NOT EXISTS "usage_writers" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_usage_writers" PRIMARY KEY,
    "Sequence" INTEGER NOT NULL,
    "SeenAt" INTEGER NOT NULL,
    "MergedBefore" INTEGER NOT NULL
);
INSERT INTO usage_writers VALUES(4561086890944935919,2,1795851357887,0);
CREATE TABLE IF NOT EXISTS "api_keys" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_api_keys" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "Hash" BLOB NOT NULL,
    "KeyPrefix" TEXT NOT NULL,
    "LastFour" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Type" TEXT NOT NULL,
    "Environment" TEXT NOT NULL,
    "AllowedDomains" TEXT NOT NULL,
    "AllowedModels" TEXT NULL,
    "AgentId" TEXT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "LastUsedAt" INTEGER NULL,
    "ExpiresAt" INTEGER NULL,
    "RevokedAt" INTEGER NULL,
    "ReplacedBy" TEXT NULL,
    CONSTRAINT "FK_api_keys_projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "projects" ("Id") ON DELETE CASCADE
);
INSERT INTO api_keys VALUES('key_01a22114eba27dfd8b1345cf02f3be28','prj_01a22114eb9b754797f63540bcba9a09',X'0e4684bd4551152890c45be628a4ba4c35b1f013c1e6681c08bf3de9d84f8e8b','csk_test_aa4d','c494','first key','Secret','Test','[]',NULL,NULL,1795851348904,NULL,NULL,NULL,NULL);
INSERT INTO api_keys VALUES('key_01a221150df4783e85bc4056da62bf99','prj_01a2211505a57fe18a22f13b26fa7e35',X'5054ef416652be01391b17c141bc6565db85bf52d26f73f006696257f36a040e','csk_5ccb','8cfe','test key','Secret','Production','[]',NULL,NULL,1795851357684,NULL,NULL,NULL,NULL);
CREATE TABLE IF NOT EXISTS "budget_alerts" (
    "ProjectId" TEXT NOT NULL,
    "KeyId" TEXT NOT NULL,
    "Month" TEXT NOT NULL,
    "Threshold" INTEGER NOT NULL,
    CONSTRAINT "PK_budget_alerts" PRIMARY KEY ("ProjectId", "KeyId", "Month", "Threshold"),
    CONSTRAINT "FK_budget_alerts_projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "projects" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "budgets" (
    "ProjectId" TEXT NOT NULL,
    "KeyId" TEXT NOT NULL,
    "MonthlyUsd" TEXT NULL,
    "IsEnforced" INTEGER NOT NULL,
    "Alerts" TEXT NOT NULL,
    "WebhookUrl" TEXT NULL,
    "SealedSecret" BLOB NULL,
    "SealKeyId" TEXT NULL,
    "SetAt" INTEGER NOT NULL,
    CONSTRAINT "PK_budgets" PRIMARY KEY ("ProjectId", "KeyId"),
    CONSTRAINT "FK_budgets_projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "projects" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "provider_keys" (
    "ProjectId" TEXT NOT NULL,
    "Provider" TEXT NOT NULL,
    "Environment" TEXT NOT NULL,
    "SealedKey" BLOB NOT NULL,
    "SealKeyId" TEXT NOT NULL,
    "Hint" TEXT NOT NULL,
    "BaseUrl" TEXT NULL,
    "CreatedAt" INTEGER NOT NULL,
    CONSTRAINT "PK_provider_keys" PRIMARY KEY ("ProjectId", "Provider", "Environment"),
    CONSTRAINT "FK_provider_keys_projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "projects" ("Id") ON DELETE CASCADE
);
INSERT INTO provider_keys VALUES('prj_01a2211505a57fe18a22f13b26fa7e35','openai','Production',X'013024cd3d86c0184f36209e59b263da6cf5128d482dd4d86f92469f9c56e292b82f4cfe80d82360842f459a3f63a3198d28aebdd5011681a2f6209738b62af24e1fa7','0868c707','mnop',NULL,1795851356445);
DELETE FROM sqlite_sequence;
CREATE INDEX "IX_api_keys_CreatedAt" ON "api_keys" ("CreatedAt");
CREATE UNIQUE INDEX "IX_api_keys_Hash" ON "api_keys" ("Hash");
CREATE INDEX "IX_api_keys_ProjectId" ON "api_keys" ("ProjectId");
CREATE UNIQUE INDEX "IX_projects_Slug" ON "projects" ("Slug");
CREATE UNIQUE INDEX "IX_record_texts_Text" ON "record_texts" ("Text");
CREATE INDEX "IX_request_payloads_ProjectId_RequestId" ON "request_payloads" ("ProjectId", "RequestId");
CREATE INDEX "IX_request_payloads_StartedAt" ON "request_payloads" ("StartedAt");
CREATE INDEX "IX_request_records_ProjectId_StartedAt" ON "request_records" ("ProjectId", "StartedAt");
CREATE INDEX "IX_usage_rollups_Hour_WriterId" ON "usage_rollups" ("Hour", "WriterId");
COMMIT;
